class Task:
    async def refresh(self):
        return None

    async def run(self):
        answer = await self.refresh()  # expect: missing-await certain
        return 1
