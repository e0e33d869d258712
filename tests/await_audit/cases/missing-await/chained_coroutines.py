class Step:
    async def again(self) -> "Step":
        return self


async def first() -> Step:
    return Step()


async def main():
    await first().again()  # expect: missing-await certain
