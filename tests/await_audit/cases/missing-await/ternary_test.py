async def is_admin(user):
    return False


async def role(user):
    return "admin" if is_admin(user) else "guest"  # expect: missing-await certain
