import functools


def traced(function):
    @functools.wraps(function)
    async def wrapper(*args):
        return await function(*args)

    return wrapper


@traced
async def count():
    return 1


def number() -> int:  # expect: hidden-coroutine certain
    return count()
