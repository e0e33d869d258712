class Outer:
    class Inner:
        def run(self):
            return 1

    async def inner(self) -> "Outer.Inner":
        return Outer.Inner()


async def main(outer: Outer):
    inner = await outer.inner()
    return inner.run()
