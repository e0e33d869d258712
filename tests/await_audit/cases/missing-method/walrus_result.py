class Item:
    def take(self):
        return 1


async def item() -> Item:
    return Item()


async def main():
    if (got := await item()) is not None:
        return got.grab()  # expect: missing-method certain
    return 0
