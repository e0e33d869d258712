async def words() -> str:
    return "a b"


async def count():
    return len(words().split())  # expect: missing-await certain
