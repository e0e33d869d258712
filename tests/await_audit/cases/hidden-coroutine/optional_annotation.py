class Item:
    pass


async def search(key):
    return Item()


def first(key) -> Item | None:  # expect: hidden-coroutine certain
    return search(key)
