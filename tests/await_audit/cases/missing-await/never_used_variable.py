class Task:
    async def refresh(self):
        return None

    async def run(self):
        answer = self.refresh()  # expect: missing-await certain
        return 1
