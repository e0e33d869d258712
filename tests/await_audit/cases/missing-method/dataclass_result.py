from dataclasses import dataclass


@dataclass
class Point:
    x: int
    y: int

    def norm(self):
        return self.x + self.y


async def point() -> Point:
    return Point(1, 2)


async def main():
    here = await point()
    return here.distance()  # expect: missing-method certain
