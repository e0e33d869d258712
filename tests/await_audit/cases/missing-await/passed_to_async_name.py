class Store:
    async def async_load(self):
        return {"user": 1}

    async def async_save(self, data):
        self.kept = dict(data)


async def migrate(store: Store):
    if (data := store.async_load()) is None:  # expect: missing-await certain
        data = {}
    data["user"] = 2
    await store.async_save(data)
