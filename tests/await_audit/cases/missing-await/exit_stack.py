from contextlib import AsyncExitStack, asynccontextmanager


@asynccontextmanager
async def resource():
    yield 1


async def main():
    async with AsyncExitStack() as stack:
        return await stack.enter_async_context(resource())
