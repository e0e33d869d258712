async def version():
    return "1.0"


async def banner():
    return f"running {await version()}"  # expect: missing-await certain
