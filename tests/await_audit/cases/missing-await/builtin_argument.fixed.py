async def measure():
    return "42"


async def number():
    return int(await measure())  # expect: missing-await certain
