async def rows():
    return []


def listing() -> list[int]:  # expect: hidden-coroutine certain
    return rows()
