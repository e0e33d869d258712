from tools import sync_version


async def fetch():
    return 1


@sync_version
def load() -> int:
    return fetch()
