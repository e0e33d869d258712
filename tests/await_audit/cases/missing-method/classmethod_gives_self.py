class Pool:
    @classmethod
    async def create(cls) -> "Pool":
        return cls()

    def size(self):
        return 1


async def main():
    pool = await Pool.create()
    return pool.length()  # expect: missing-method certain
