class Meta(type):
    def __new__(mcs, name, bases, body):
        body["added"] = print
        return super().__new__(mcs, name, bases, body)


class A(metaclass=Meta):
    pass


async def make() -> A:
    return A()


async def main():
    made = await make()
    made.added()
