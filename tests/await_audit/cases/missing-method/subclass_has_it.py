class Base:
    pass


class Child(Base):
    def extra(self):
        return 1


async def make() -> Base:
    return Child()


async def main():
    made = await make()
    return made.extra()
