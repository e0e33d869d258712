class State:
    async def changed(self, key):
        return key


def delta(state: State, keys, cached, found):
    for key in keys:
        if key in cached:
            value = cached[key]
            if value is None:
                continue
        else:
            value = state.changed(key)
        found[key] = value
    return found
