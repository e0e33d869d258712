import threading
from pathlib import Path


class Engine:
    async def start(self):
        return None

    async def resolve(self, name):
        return name


async def begin(engine):
    await engine.start()
    return await engine.resolve("a")


async def again(engine):
    await engine.start()
    return await engine.resolve("b")


async def third(engine):
    await engine.start()
    return await engine.resolve("c")


async def main(work):
    threading.Thread(target=work).start()
    waiting = threading.Thread(target=work)
    waiting.start()
    return str(Path("~/clips").expanduser().resolve())
