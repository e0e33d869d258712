async def settings() -> dict:
    return {"port": 1}


async def port():
    return (await settings())["port"]  # expect: missing-await certain
