class Base:
    async def load(self):
        return 1


class Child(Base):
    def value(self) -> int:  # expect: hidden-coroutine certain
        return self.load()
