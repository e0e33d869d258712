import asyncio


class Courier:
    def __init__(self):
        self.outbox = asyncio.Queue()

    async def deliver(self, message):
        await asyncio.sleep(0)
        return message

    async def send(self, message):
        delivery = self.deliver(message)
        try:
            self.outbox.put_nowait(delivery)
        except asyncio.QueueFull:
            delivery.close()
            raise

    async def drain(self):
        while True:
            waiting = await self.outbox.get()
            await waiting


async def by_hand(courier: Courier):
    step = courier.deliver("x")
    try:
        step.send(None)
    except StopIteration as end:
        return end.value
    finally:
        step.close()
