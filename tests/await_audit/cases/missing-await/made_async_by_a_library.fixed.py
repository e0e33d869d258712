from asgiref.sync import sync_to_async


def load(name):
    return name


@sync_to_async
def count(name):
    return len(name)


async def main():
    total = await count("x")  # expect: missing-await certain
    print(total + 1)
    row = await sync_to_async(load)("x")  # expect: missing-await likely
    return row.name
