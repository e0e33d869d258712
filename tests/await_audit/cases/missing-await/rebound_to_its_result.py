import asyncio


async def fetch():
    return {"rows": []}


async def main(slow):
    answer = fetch()
    answer = await asyncio.wait_for(answer, 3)
    return answer["rows"]
