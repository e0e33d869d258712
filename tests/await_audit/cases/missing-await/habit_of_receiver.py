async def transfer(session, row):
    await session.execute(row)
    await session.execute("b")
    await session.execute("c")
    session.execute("d")  # expect: missing-await likely
