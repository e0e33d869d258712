from typing import overload


class Reader:
    @overload
    async def read(self, size: int) -> bytes: ...
    @overload
    async def read(self) -> str: ...
    async def read(self, size=None):
        return b""


async def main(reader: Reader):
    return await reader.read(1)
