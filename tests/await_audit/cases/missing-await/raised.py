async def failure():
    return ValueError("x")


async def main():
    raise failure()  # expect: missing-await certain
