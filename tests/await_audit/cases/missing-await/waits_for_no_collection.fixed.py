import asyncio


class Attachments:
    async def published(self, offset):
        return [asyncio.ensure_future(asyncio.sleep(offset))]

    async def commit(self, offset):
        await asyncio.wait(await self.published(offset))  # expect: missing-await certain
