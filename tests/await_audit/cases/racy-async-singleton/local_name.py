async def pool(create, given=None):
    found = given
    if found is None:
        found = await create()
    return found
