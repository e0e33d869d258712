class Button:
    def __init__(self, on_press):
        self.on_press = on_press


async def make() -> Button:
    return Button(print)


async def main():
    button = await make()
    button.on_press()
