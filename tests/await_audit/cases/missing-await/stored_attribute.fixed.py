async def connect():
    return object()


class Service:
    async def start(self):
        self.link = await connect()  # expect: missing-await certain

    def is_up(self):
        return bool(self.link)
