import asyncio
import functools


def blocking(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return asyncio.run(function(*args, **kwargs))

    return wrapper


@blocking
async def main():
    return 3


print(main() + 1)
