from framework import command


@command()
async def start():
    return None


start()
