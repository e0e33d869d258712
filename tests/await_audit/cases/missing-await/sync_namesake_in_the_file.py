from numbers import Vector


def vector(seed) -> Vector:
    return Vector(seed)


async def main(fixture):
    print(vector(1))


async def other(vector):
    await vector(1)
    await vector(2)
    await vector(3)
