async def child():
    return None


async def main(nursery):
    nursery.start_soon(child())
