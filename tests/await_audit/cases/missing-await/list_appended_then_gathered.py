import asyncio


async def visit(page):
    return page


async def main(pages):
    visits = []
    for page in pages:
        visits.append(visit(page))
    await asyncio.gather(*visits)
