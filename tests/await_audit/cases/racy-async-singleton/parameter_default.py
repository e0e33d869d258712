async def fetch(session, opened):
    own = session is None
    if own:
        session = await opened()
    return session
