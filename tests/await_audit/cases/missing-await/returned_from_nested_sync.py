async def task(number):
    return number


async def main(pool):
    def make(number):
        return task(number)

    return [await make(number) for number in range(2)]
