class Cache:
    async def update(self, other):
        return other


async def merge(left, right):
    left.update(right)
    return left
