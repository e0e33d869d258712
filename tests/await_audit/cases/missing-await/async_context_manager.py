from contextlib import asynccontextmanager


@asynccontextmanager
async def session():
    yield object()


async def main():
    async with session() as current:
        print(current)
