class Dispatcher:
    async def feed(self, update):
        return update


async def main(dispatcher: Dispatcher):
    update = await dispatcher.feed(1)  # expect: missing-await certain
    return update.text
