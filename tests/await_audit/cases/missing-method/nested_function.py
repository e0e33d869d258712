class Meter:
    def read(self):
        return 1


async def meter() -> Meter:
    return Meter()


def outer():
    async def inner():
        found = await meter()
        return found.read_out()  # expect: missing-method certain

    return inner
