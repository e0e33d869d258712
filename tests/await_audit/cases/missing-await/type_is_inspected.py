async def thing():
    return 1


def show():
    print(type(thing()).__name__)
