import functools


def logged(function):
    @functools.wraps(function)
    async def wrapper(*args, **kwargs):
        return await function(*args, **kwargs)

    return wrapper


@logged
async def fire():
    return 1


async def main():
    await fire()  # expect: missing-await certain
