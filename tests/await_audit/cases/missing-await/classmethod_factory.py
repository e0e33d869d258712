class Pool:
    @classmethod
    async def create(cls) -> "Pool":
        return cls()

    def size(self):
        return 0


async def main():
    pool = Pool.create()  # expect: missing-await certain
    return pool.size()
