class Parser:
    def feed(self, data):
        return data


async def make():
    created = Parser()
    created.feed("")
    return created


async def main():
    parser = await make()
    return parser.finish()  # expect: missing-method certain
