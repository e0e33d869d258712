async def retry(operation, *arguments, **named):
    return await operation(*arguments, **named)


class Worker:
    def __init__(self, scheduler):
        self.scheduler = scheduler

    async def measured(self):
        return {"cpu": 1}

    async def beat(self):
        return await retry(self.scheduler.beat, measured=self.measured())  # expect: missing-await likely
