async def pair():
    return 1, 2


def both() -> tuple[int, int]:  # expect: hidden-coroutine certain
    with open("log") as log:
        log.write("x")
        return pair()
