async def record():
    return {}


async def main():
    return (await record()).get("x")  # expect: missing-await certain
