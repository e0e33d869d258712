class Store:
    instance = None

    @staticmethod
    async def get(load):
        if Store.instance is None:  # expect: racy-async-singleton likely
            Store.instance = await load()
        return Store.instance
