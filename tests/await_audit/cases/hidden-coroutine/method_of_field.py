class Link:
    async def read(self) -> bytes:
        return b""


class Client:
    def __init__(self):
        self.link = Link()

    def fetch(self) -> bytes:  # expect: hidden-coroutine certain
        return self.link.read()
