class Base:
    async def setup(self):
        return 1


class Child(Base):
    async def setup(self):
        super().setup()  # expect: missing-await certain
        return 2
