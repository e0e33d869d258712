from pathlib import Path


class Remote:
    async def write_text(self, text):
        return text


async def save(folder: Path, remote):
    target = folder / "name"
    target.write_text("x")
    await remote.write_text("x")
