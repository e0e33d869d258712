class Store:
    async def get(self, key):
        return key


def read(store: Store, key: str) -> str:  # expect: hidden-coroutine certain
    return store.get(key)
