from framework import Model


class A(Model):
    def own(self):
        return 1


async def make() -> A:
    return A()


async def main():
    made = await make()
    return made.save()
