class Late:
    def wire(self, target):
        self.target = target


async def make() -> Late:
    return Late()


async def main():
    late = await make()
    late.wire(print)
    late.target()
