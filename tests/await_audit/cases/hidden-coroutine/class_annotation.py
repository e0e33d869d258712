class User:
    pass


async def find(name) -> User:
    return User()


def user(name) -> User:  # expect: hidden-coroutine certain
    return find(name)
