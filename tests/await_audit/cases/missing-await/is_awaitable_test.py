import inspect


async def maybe():
    return 1


async def main():
    value = maybe()
    if inspect.isawaitable(value):
        value = await value
    return value + 1
