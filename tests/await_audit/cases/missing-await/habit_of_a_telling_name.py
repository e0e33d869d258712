class Speaker:
    async def announce_all(self, text):
        return text


async def main(speaker, other):
    await speaker.announce_all("one")
    await other.announce_all("two")
    if await speaker.announce_all("three"):
        return await other.announce_all("four")
    speaker.announce_all("five")  # expect: missing-await certain
    return None
