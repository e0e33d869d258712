async def failure():
    return ValueError("x")


async def main():
    raise await failure()  # expect: missing-await certain
