async def load(name):
    return name


async def main(names):
    pending = {name: load(name) for name in names}
    return {name: await coroutine for name, coroutine in pending.items()}
