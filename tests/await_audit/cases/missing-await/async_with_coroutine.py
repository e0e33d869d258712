class Session:
    async def __aenter__(self):
        return self

    async def __aexit__(self, *exc):
        return None


async def make_session() -> Session:
    return Session()


async def use():
    async with make_session() as session:  # expect: missing-await certain
        return session
