_peer = None


async def peer(dial, tries):
    global _peer
    for number in range(tries):
        if _peer is None:  # expect: racy-async-singleton certain
            _peer = await dial(number)
    return _peer
