async def make() -> str:
    return "x"


async def main():
    made = await make()
    return made.upper()
