import asyncio


async def main():
    reader, writer = await asyncio.open_connection("h", 1)
    writer.close()
    await writer.wait_closed()
    return reader
