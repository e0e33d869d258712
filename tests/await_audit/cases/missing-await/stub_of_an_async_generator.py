from abc import ABC, abstractmethod
from collections.abc import AsyncIterator


class Stream(ABC):
    @abstractmethod
    async def items(self) -> AsyncIterator[str]: ...


async def show(stream: Stream):
    async for item in stream.items():
        print(item)
