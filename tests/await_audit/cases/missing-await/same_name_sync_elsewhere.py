class Remote:
    async def get(self, key):
        return key


class Local:
    def get(self, key):
        return key


async def read(source, key):
    value = source.get(key)
    return value.upper()
