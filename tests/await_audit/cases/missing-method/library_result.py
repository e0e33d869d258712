import aiofiles


async def main():
    handle = await aiofiles.open("x")
    return handle.anything()
