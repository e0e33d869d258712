async def load_profile(name):
    return name


async def page(name):
    return {"profile": load_profile(name)}  # expect: missing-await likely
