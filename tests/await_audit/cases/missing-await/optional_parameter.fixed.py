from typing import Optional


class Bus:
    async def publish(self, event):
        return None


async def tell(bus: Optional[Bus], event):
    if bus is not None:
        await bus.publish(event)  # expect: missing-await certain
