class Device:
    handle = None

    async def open(self, opened):
        if self.handle is None:
            self.handle = await opened()

    def use(self):
        return self.handle
