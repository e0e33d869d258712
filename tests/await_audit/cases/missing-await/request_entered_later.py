import aiohttp


async def fetch(session: aiohttp.ClientSession):
    request = session.get("http://service/")
    async with request as response:
        return response.status
