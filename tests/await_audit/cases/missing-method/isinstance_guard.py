class A:
    pass


class B:
    def stop(self):
        return 1


async def make() -> A:
    return A()


async def main():
    made = await make()
    if isinstance(made, B):
        made.stop()
