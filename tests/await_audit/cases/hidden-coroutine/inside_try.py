class Reply:
    pass


async def call(number) -> Reply:
    return Reply()


def dial(number) -> Reply:  # expect: hidden-coroutine certain
    try:
        return call(number)
    except OSError:
        raise
