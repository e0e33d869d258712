from io import TextIOWrapper
from typing import Optional


class Reader:
    async def readline(self):
        return ""


class Parser:
    def __init__(self):
        self._stream: Optional[TextIOWrapper] = None


class LineParser(Parser):
    def on_open(self, source):
        self._stream = source.reader

    async def line(self, reader: Reader):
        await reader.readline()
        data = self._stream.readline()
        return data[:-2]
