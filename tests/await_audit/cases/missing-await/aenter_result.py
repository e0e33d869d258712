class Pool:
    async def __aenter__(self):
        return self

    async def __aexit__(self, *exc):
        return None

    def size(self):
        return 1


async def main():
    async with Pool() as pool:
        return pool.size()
