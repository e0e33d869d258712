class Probe:
    async def check_health(self):
        return True

    async def check_disk(self):
        return True


async def probe() -> Probe:
    return Probe()


async def main():
    current = await probe()
    await current.health_check()  # expect: missing-method certain
    await current.disk_check()  # expect: missing-method certain
