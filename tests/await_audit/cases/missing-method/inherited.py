class Base:
    def run(self):
        return 1


class A(Base):
    pass


async def make() -> A:
    return A()


async def main():
    made = await make()
    return made.run()
