def launch(coro):
    print(coro)


async def work():
    return 1


async def main():
    launch(work())
