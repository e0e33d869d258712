async def save(row):
    return row


async def main():
    await save(1)  # expect: missing-await certain
