class Link:
    def send(self):
        return 1


async def connect() -> Link:
    return Link()


class Client:
    async def start(self):
        self.link = await connect()
        self.link.transmit()  # expect: missing-method certain
