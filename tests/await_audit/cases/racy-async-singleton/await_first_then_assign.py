_token = None


async def token(ask, sleep):
    global _token
    if _token is None:  # expect: racy-async-singleton certain
        await sleep(1)
        _token = object()
    return _token
