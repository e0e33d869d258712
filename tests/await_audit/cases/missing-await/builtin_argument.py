async def measure():
    return "42"


async def number():
    return int(measure())  # expect: missing-await certain
