async def words() -> str:
    return "a b"


async def count():
    return len((await words()).split())  # expect: missing-await certain
