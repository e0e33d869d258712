_client = None


async def client(connect):
    global _client
    if not _client:  # expect: racy-async-singleton certain
        _client = await connect("host")
    return _client
