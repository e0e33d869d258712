class Loader:
    async def load(self):
        return self.load()  # expect: missing-await certain refused
