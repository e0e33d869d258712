class Base:
    async def start(self):
        return True


class Child(Base):
    def begin(self) -> bool:  # expect: hidden-coroutine certain
        print("begin")
        return super().start()
