class Gate:
    async def is_shut(self):
        return True


async def enter(gate: Gate):
    if not gate.is_shut():  # expect: missing-await certain
        return "in"
    return "out"
