async def fetch(number):
    return number


def outer(spawn):
    def job():
        return fetch(1)

    return spawn(job)
