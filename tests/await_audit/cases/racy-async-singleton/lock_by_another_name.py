import asyncio


class Client:
    def __init__(self):
        self._opening = asyncio.Lock()
        self.link = None

    async def get(self, dial):
        if self.link is not None:
            return self.link
        async with self._opening:
            if self.link is None:
                self.link = await dial()
            return self.link
