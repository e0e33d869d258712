async def connect():
    return object()


class Lazy:
    def __init__(self):
        self._pending = connect()

    async def get(self):
        return await self._pending
