async def fetch():
    return 1


async def main(run):
    pending = fetch()

    async def later():
        return await pending

    return await run(later)
