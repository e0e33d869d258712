async def numbers():
    yield 1


def stream():
    return numbers()
