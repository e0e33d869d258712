async def fetch():
    return 1


def stop() -> None:
    print(fetch)
    return None
