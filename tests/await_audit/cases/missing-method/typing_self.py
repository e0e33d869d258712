from typing import Self


class Builder:
    async def step(self) -> Self:
        return self

    def done(self):
        return 1


async def main():
    builder = await Builder().step()
    return builder.finished()  # expect: missing-method certain
