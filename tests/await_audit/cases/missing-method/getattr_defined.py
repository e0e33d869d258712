class Proxy:
    def __getattr__(self, name):
        return print


async def make() -> Proxy:
    return Proxy()


async def main():
    made = await make()
    made.anything()
