async def price(item):
    return 2


async def bill(items):
    amount = 0
    for item in items:
        amount += price(item)  # expect: missing-await certain
    return amount
