async def left():
    return 1


async def right():
    return 2


def choose(flag):
    pending = left() if flag else right()
    return pending
