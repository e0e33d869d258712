async def fetch():
    return 1


def old_style():
    value = yield fetch()
    return value
