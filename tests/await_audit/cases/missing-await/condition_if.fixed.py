class Gate:
    async def is_open(self):
        return False

    async def enter(self):
        if await self.is_open():  # expect: missing-await certain
            return 1
        return 0
