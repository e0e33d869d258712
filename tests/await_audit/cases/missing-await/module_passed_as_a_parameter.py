class Event:
    async def get_input_user(self):
        return self


def get_input_user(entity):
    return entity


class Request:
    async def resolve(self, client, utils):
        self.user = utils.get_input_user(await client.entity(1))
