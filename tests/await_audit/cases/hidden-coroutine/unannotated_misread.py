async def total():
    return 3


def amount():  # expect: hidden-coroutine likely
    return total()


def show():
    return amount() + 1  # expect: missing-await certain refused
