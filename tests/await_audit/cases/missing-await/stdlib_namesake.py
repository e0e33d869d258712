import os


class Path:
    async def stat(self):
        return os.stat("x")


async def main(path: Path):
    size = os.stat("y").st_size
    return size + (await path.stat()).st_size
