import asyncio


class Once:
    future = None

    async def get(self, load):
        if self.future is None:
            self.future = asyncio.get_running_loop().create_future()
            self.future.set_result(load())
        return await self.future
