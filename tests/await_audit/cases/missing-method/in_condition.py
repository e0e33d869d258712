class Lock:
    def is_held(self):
        return False


async def take() -> Lock:
    return Lock()


async def main():
    lock = await take()
    if not lock.held():  # expect: missing-method certain
        return 1
    return 2
