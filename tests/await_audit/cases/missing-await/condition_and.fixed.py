async def allowed(user):
    return user == "root"


async def act(user, armed):
    if armed and await allowed(user):  # expect: missing-await certain
        print("acting")
