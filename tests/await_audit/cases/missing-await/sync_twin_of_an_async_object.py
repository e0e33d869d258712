async def asynchronous(client):
    await client.start_kernel()
    await client.is_alive()
    await client.shutdown_kernel()


async def synchronous(client):
    client.start_kernel()
    print(client.is_alive())
    client.shutdown_kernel()
