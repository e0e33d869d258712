class Daemon:
    async def check_installation(self):
        return True


async def get_daemon() -> Daemon:
    return Daemon()


async def probe():
    daemon = await get_daemon()
    return await daemon.check_installed()  # expect: missing-method certain
