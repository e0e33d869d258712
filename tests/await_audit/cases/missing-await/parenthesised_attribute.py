async def record():
    return {}


async def main():
    return (record()).get("x")  # expect: missing-await certain
