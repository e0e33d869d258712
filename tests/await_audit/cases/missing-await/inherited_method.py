class Base:
    async def flush(self):
        return None


class Child(Base):
    async def close(self):
        self.flush()  # expect: missing-await certain
