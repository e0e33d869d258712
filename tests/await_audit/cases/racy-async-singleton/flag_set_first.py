class Client:
    started = False

    async def start(self, dial):
        if self.started:
            return self
        self.started = True
        await dial()
        return self
