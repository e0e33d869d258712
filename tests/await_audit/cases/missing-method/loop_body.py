class Source:
    def next_line(self):
        return ""


async def source() -> Source:
    return Source()


async def main():
    reader = await source()
    while True:
        reader.readline_now()  # expect: missing-method certain
