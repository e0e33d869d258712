class Base:
    def shared(self):
        return 1


class Child(Base):
    def own(self):
        return 2


async def child() -> Child:
    return Child()


async def main():
    one = await child()
    one.shared()
    one.own()
    one.other()  # expect: missing-method certain
