class Shelf:
    def books(self):
        return []


async def shelf() -> Shelf:
    return Shelf()


async def main():
    place = await shelf()
    names = [book.title for book in place.volumes()]  # expect: missing-method certain
    return names
