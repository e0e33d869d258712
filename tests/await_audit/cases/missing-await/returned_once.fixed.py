class Client:
    async def request(self, path):
        return path

    async def get(self, path):
        return await self.request(path)  # expect: missing-await certain
