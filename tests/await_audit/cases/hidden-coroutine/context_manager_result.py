from contextlib import asynccontextmanager


@asynccontextmanager
async def session():
    yield 1


def open_session():
    return session()
