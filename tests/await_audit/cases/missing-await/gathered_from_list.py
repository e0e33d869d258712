import asyncio


async def job(number):
    return number


async def main():
    jobs = [job(number) for number in range(3)]
    return await asyncio.gather(*jobs)
