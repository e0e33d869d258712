async def save(row):
    return row


async def main():
    save(1)  # expect: missing-await certain
