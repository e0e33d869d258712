import asyncio


async def worker(number):
    return number


async def main():
    async with asyncio.TaskGroup() as group:
        for number in range(3):
            group.create_task(worker(number))
