from asgiref.sync import sync_to_async


def load(name):
    return name


@sync_to_async
def count(name):
    return len(name)


async def main():
    total = count("x")  # expect: missing-await certain
    print(total + 1)
    row = sync_to_async(load)("x")  # expect: missing-await likely
    return row.name
