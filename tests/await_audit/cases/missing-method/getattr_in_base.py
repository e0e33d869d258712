class Proxy:
    def __getattr__(self, name):
        return print


class Child(Proxy):
    def own(self):
        return 1


async def make() -> Child:
    return Child()


async def main():
    (await make()).anything()
