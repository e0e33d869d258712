async def connect():
    return object()


class Service:
    async def start(self):
        self.link = connect()  # expect: missing-await certain

    def is_up(self):
        return bool(self.link)
