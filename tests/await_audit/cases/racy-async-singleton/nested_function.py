_state = None


def factory(load):
    async def get():
        global _state
        if _state is None:  # expect: racy-async-singleton certain
            _state = await load()
        return _state

    return get
