class Version:
    def text(self):
        return "1"


async def version() -> Version:
    return Version()


async def main():
    known = await version()
    return f"v{known.as_text()}"  # expect: missing-method certain
