from collections.abc import Awaitable


class Token:
    def value(self):
        return "x"


def token() -> Awaitable[Token]:
    return _token()


async def _token() -> Token:
    return Token()


async def main():
    held = await token()
    return held.read_value()  # expect: missing-method certain
