async def save(row) -> None:
    print(row)


def store(row) -> None:  # expect: hidden-coroutine certain
    return save(row)
