class Result:
    def __init__(self, made):
        self.made = made

    def __await__(self):
        return self.made.__await__()

    async def __aenter__(self):
        return await self.made

    async def __aexit__(self, *details):
        return None


def contextmanager(method):
    def wrapper(*arguments):
        return Result(method(*arguments))

    return wrapper


@contextmanager
async def connect(name):
    return name


async def main():
    async with connect("here") as name:
        print(name)
    connection = connect("there")
    return await connection
