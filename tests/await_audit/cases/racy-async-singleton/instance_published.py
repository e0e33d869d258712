class Box:
    inner = None

    async def get(self, kind):
        if self.inner is None:  # expect: racy-async-singleton likely
            self.inner = kind()
            await self.inner.prepare()
        return self.inner
