class Store:
    async def keys(self):
        return []

    async def upper(self):
        return [key.upper() for key in await self.keys()]  # expect: missing-await certain
