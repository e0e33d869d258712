import asyncio


async def send(data):
    reader, writer = await asyncio.open_connection("localhost", 1)
    writer.write(data)
    writer.drain()  # expect: missing-await certain
    return reader
