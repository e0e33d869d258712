class User:
    def __init__(self, name: str, age: int):
        self.name, self.age = name, age


async def ask_age() -> int:
    return 3


async def make():
    return User("ann", age=ask_age())  # expect: missing-await certain
