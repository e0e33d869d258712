class Codec:
    encode = staticmethod(str)


async def make() -> Codec:
    return Codec()


async def main():
    codec = await make()
    return codec.encode(1)
