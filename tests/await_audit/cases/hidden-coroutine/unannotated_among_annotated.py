async def ask(question: str) -> str:
    return question


def shout(text: str) -> str:
    return text.upper()


def whisper(text: str) -> str:
    return text.lower()


def answer(question):  # expect: hidden-coroutine likely
    return ask(question)


async def main() -> None:
    print(shout(await answer("why")), whisper("x"))
