class Client:
    def __init__(self):
        self._link = None

    async def link(self, connect):
        if self._link is None:  # expect: racy-async-singleton likely
            self._link = await connect()
        return self._link
