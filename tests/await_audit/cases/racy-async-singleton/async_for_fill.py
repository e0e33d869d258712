_table = None


async def table(rows):
    global _table
    if _table is None:  # expect: racy-async-singleton certain
        found = []
        async for row in rows():
            found.append(row)
        _table = found
    return _table
