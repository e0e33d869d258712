import asyncio


async def fetch(page):
    await asyncio.sleep(0)
    return [page]


async def all_of(**named):
    return dict(zip(named, await asyncio.gather(*named.values())))


async def main():
    return await all_of(first=fetch(1), second=fetch(2))
