_session = None


async def session(open_session):
    global _session
    if _session:  # expect: racy-async-singleton certain
        return _session
    made = await open_session()
    _session = made
    return made
