class Request:
    def __init__(self, coroutine):
        self.coroutine = coroutine


async def fetch():
    return 1


def load() -> Request:
    return Request(fetch())
