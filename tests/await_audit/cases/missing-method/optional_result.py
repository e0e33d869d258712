from typing import Optional


class User:
    def greet(self):
        return "hi"


async def find(name) -> Optional[User]:
    return User() if name else None


async def main(name):
    user = await find(name)
    if user:
        return user.say_hello()  # expect: missing-method certain
    return None
