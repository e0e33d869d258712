import asyncio


async def run(command):
    process = await asyncio.create_subprocess_exec(command)
    out, err = await process.communicate()  # expect: missing-await certain
    return out or err
