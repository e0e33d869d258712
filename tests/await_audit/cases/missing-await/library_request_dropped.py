import aiohttp


async def ping(session: aiohttp.ClientSession):
    session.get("http://service/ping")  # expect: missing-await likely
