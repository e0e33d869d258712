class Parser:
    def feed(self, data):
        return data


async def make_parser():
    return Parser()


async def main():
    parser = await make_parser()
    parser.consume("x")  # expect: missing-method certain
