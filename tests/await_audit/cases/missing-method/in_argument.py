class Report:
    def lines(self):
        return []


async def report() -> Report:
    return Report()


async def main():
    made = await report()
    print(len(made.get_lines()))  # expect: missing-method certain
