class Base:
    async def close(self):
        return None


class Fast(Base):
    def close(self):
        return None


async def stop(thing: Base):
    thing.close()
