try:
    from fast import encode
except ImportError:
    async def encode(value):
        return value


async def text(value):
    await encode(value)  # expect: missing-await likely
    return None
