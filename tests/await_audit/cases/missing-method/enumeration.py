from enum import Enum


class Level(Enum):
    LOW = 1

    def label(self):
        return self.name


async def level() -> Level:
    return Level.LOW


async def main():
    return (await level()).label()
