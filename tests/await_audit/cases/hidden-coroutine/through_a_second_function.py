async def deep():
    return 1


def middle():  # expect: hidden-coroutine likely
    return deep()


def top() -> int:  # expect: hidden-coroutine certain
    return middle()
