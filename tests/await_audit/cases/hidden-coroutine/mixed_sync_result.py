async def fetch():
    return 1


def load(flag):
    if flag:
        return fetch()
    return 2
