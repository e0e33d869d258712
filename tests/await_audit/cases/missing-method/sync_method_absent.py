class Engine:
    def start(self):
        return 1


async def build() -> Engine:
    return Engine()


async def main():
    engine = await build()
    engine.launch()  # expect: missing-method certain
