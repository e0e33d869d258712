async def first():
    return 1


async def main():
    pending = first()
    print("meanwhile")
    return await pending
