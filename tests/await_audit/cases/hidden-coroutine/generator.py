async def fetch(number):
    return number


def plan():
    yield fetch(1)
    return fetch(2)
