import asyncio


async def main():
    return 0


def start():
    loop = asyncio.new_event_loop()
    loop.run_until_complete(main())
