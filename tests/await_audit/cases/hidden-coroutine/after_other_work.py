async def send(letter):
    return letter


def post(letter) -> str:  # expect: hidden-coroutine certain
    letter = letter.strip()
    for mark in "!?":
        letter = letter.replace(mark, "")
    return send(letter)
