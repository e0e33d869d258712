async def fetch(number):
    return number


job = lambda: fetch(1)  # noqa: E731
