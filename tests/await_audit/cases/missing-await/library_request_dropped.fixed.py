import aiohttp


async def ping(session: aiohttp.ClientSession):
    await session.get("http://service/ping")  # expect: missing-await likely
