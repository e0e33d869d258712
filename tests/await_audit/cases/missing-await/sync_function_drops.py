async def notify():
    return None


def on_event():
    notify()  # expect: missing-await certain refused
