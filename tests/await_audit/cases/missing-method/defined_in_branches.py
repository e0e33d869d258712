import sys


class A:
    if sys.platform == "win32":

        def stop(self):
            return 1
    else:

        def stop(self):
            return 2


async def make() -> A:
    return A()


async def main():
    made = await make()
    return made.stop()
