class Red:
    def paint(self):
        return 1


class Blue:
    def paint(self):
        return 2


async def colour(flag) -> Red | Blue:
    return Red() if flag else Blue()


async def main(flag):
    chosen = await colour(flag)
    chosen.paint()
    chosen.erase()  # expect: missing-method certain
