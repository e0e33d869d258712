class A:
    def run(self):
        return 1


class B:
    def walk(self):
        return 2


async def make(flag) -> A | B:
    return A() if flag else B()


async def main():
    made = await make(True)
    made.run()
