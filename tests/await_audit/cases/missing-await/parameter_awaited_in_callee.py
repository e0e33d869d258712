async def with_message(text, thing):
    print(text)
    return await thing


async def fetch():
    return 1


async def main():
    return await with_message("fetching", fetch())
