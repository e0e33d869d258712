class Client:
    async def request(self, path) -> bytes:
        return b""

    def get(self, path) -> bytes:  # expect: hidden-coroutine certain
        return self.request(path)
