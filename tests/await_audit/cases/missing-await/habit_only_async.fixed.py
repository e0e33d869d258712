class Speaker:
    async def announce(self, text):
        return text


async def main(speaker):
    await speaker.announce("one")
    await speaker.announce("two")
    await speaker.announce("three")  # expect: missing-await likely
