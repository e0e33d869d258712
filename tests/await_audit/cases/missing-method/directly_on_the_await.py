class Page:
    def text(self):
        return ""


async def load() -> Page:
    return Page()


async def main():
    return (await load()).body()  # expect: missing-method certain
