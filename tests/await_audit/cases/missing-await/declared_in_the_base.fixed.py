from asyncio import StreamReader
from typing import Optional


class Parser:
    def __init__(self):
        self._stream: Optional[StreamReader] = None


class LineParser(Parser):
    def on_connect(self, connection):
        self._stream = connection.reader

    async def line(self):
        data = await self._stream.readline()  # expect: missing-await likely
        return data[:-2]
