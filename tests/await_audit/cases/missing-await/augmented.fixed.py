async def price(item):
    return 2


async def bill(items):
    amount = 0
    for item in items:
        amount += await price(item)  # expect: missing-await certain
    return amount
