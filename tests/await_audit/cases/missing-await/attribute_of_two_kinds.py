import asyncio


class Pump:
    def __init__(self):
        self._work = self._pump()

    async def _pump(self):
        await asyncio.sleep(0)

    def start(self):
        self._handle = asyncio.create_task(self._work)


class Line:
    def __init__(self, queue):
        self._work = queue

    def size(self):
        if self._work:
            self._work.put(1)
            self._work.qsize()
            self._work.get()
        return len(self._work)
