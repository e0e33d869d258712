async def step(number):
    return number


async def main():
    for coroutine in [step(1), step(2)]:
        await coroutine
