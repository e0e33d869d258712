class Root:
    async def run(self):
        return 1


class Middle(Root):
    def other(self):
        return 2


class Leaf(Middle):
    def more(self):
        return 3


async def make() -> Leaf:
    return Leaf()


async def main():
    return await (await make()).run()
