async def inner():
    return []


def outer():  # expect: hidden-coroutine likely
    return inner()


async def main():
    for row in await outer():  # expect: missing-await certain
        print(row)
