class Thing:
    @property
    def name(self):
        return str("x")


async def name():
    return "y"


async def main(thing: Thing):
    return thing.name.upper()
