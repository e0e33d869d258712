import torch


class Store:
    async def load_model(self, name):
        return name


async def main(store):
    await store.load_model("a")
    await store.load_model("b")
    await store.load_model("c")
    state = torch.load_model("d")
    return state.weights
