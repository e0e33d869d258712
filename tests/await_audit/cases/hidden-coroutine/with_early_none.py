class Row:
    pass


async def query(key):
    return Row()


def row(key) -> Row:  # expect: hidden-coroutine certain
    if not key:
        return None
    return query(key)
