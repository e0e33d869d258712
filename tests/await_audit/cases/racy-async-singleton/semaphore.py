import asyncio

_semaphore = asyncio.Semaphore(1)


class Client:
    link = None

    async def get(self, dial):
        async with _semaphore:
            if self.link is None:
                self.link = await dial()
            return self.link
