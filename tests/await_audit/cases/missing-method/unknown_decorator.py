from library import extend


@extend
class A:
    def run(self):
        return 1


async def make() -> A:
    return A()


async def main():
    made = await make()
    made.extended()
