class A:
    @property
    def action(self):
        return print


async def make() -> A:
    return A()


async def main():
    made = await make()
    made.action()
