class Endpoint:
    def close(self):
        return None


async def make_endpoint():
    return Endpoint()


async def bridge(listen):
    protocol = await make_endpoint()  # expect: missing-await likely
    try:
        await listen()
    except OSError:
        protocol.close()
        return

    async def stop():
        protocol.close()

    await listen(stop)
