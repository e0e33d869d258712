async def name() -> str:
    return "x"


def title() -> str:  # expect: hidden-coroutine certain
    return name()
