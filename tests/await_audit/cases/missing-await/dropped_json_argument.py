import json


class Store:
    async def load(self):
        return {}


async def show(store: Store):
    return json.dumps(store.load())  # expect: missing-await certain
