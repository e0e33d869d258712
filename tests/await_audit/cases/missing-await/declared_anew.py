from asyncio import StreamReader
from typing import Any, Optional


class Parser:
    _stream: Optional[StreamReader] = None


class Lines(Parser):
    _stream: Any

    async def line(self):
        data = self._stream.readline()
        return data[:-2]


class OfSocket(Parser):
    def __init__(self, sock):
        self._stream = sock.makefile()

    def line(self):
        data = self._stream.readline()
        return data[:-2]
