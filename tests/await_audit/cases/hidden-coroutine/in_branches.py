async def near():
    return 1


async def far():
    return 2


def distance(flag) -> int:  # expect: hidden-coroutine certain
    if flag:
        return near()
    return far()
