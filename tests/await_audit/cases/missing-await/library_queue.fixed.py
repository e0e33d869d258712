import asyncio


class Worker:
    def __init__(self):
        self.jobs = asyncio.Queue()

    async def work(self):
        job = await self.jobs.get()  # expect: missing-await certain
        return job.name
