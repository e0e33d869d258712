async def cleanup():
    return None


def wire(application):
    application.on_stop(cleanup())
