async def settings() -> dict:
    return {"port": 1}


async def port():
    return settings()["port"]  # expect: missing-await certain
