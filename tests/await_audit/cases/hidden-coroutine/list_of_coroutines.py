async def fetch(number):
    return number


def plan() -> list:
    return [fetch(1), fetch(2)]
