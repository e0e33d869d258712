class Registry:
    def names(self):
        return []


_registry = None


async def registry() -> Registry:
    return _registry


async def main():
    found = await registry()
    for name in found.all_names():  # expect: missing-method certain
        print(name)
