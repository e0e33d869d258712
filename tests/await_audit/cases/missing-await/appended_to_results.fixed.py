class Parser:
    async def parse(self, name):
        return name


async def run(parser: Parser, names):
    responses = []
    for name in names:
        responses.append(await parser.parse(name))  # expect: missing-await likely
    for name, response in zip(names, responses, strict=True):
        print(name, response)
