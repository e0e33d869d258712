class Page:
    title = "x"


async def load() -> Page:
    return Page()


async def show():
    return load().title  # expect: missing-await certain
