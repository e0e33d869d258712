import asyncio


class Client:
    def __init__(self):
        self._connect_lock = asyncio.Lock()
        self.link = None

    async def get(self, dial):
        async with self._connect_lock:
            if not self.link:
                self.link = await dial()
        return self.link
