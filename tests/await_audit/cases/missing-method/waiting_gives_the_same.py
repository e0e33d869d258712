class Frame:
    def show(self):
        return 1


async def frame() -> "Frame":
    return Frame()


async def main():
    try:
        first = await frame()
        first.display()  # expect: missing-method certain
    except ValueError:
        return None
