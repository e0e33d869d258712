from collections.abc import Coroutine


class Http:
    async def request(self, route):
        return route

    def create_channel(self, name) -> Coroutine[None, None, dict[str, int]]:
        return self.request(name)


async def make(state):
    data = await state.http.create_channel("general")  # expect: missing-await likely
    return data["id"]
