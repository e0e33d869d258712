_model = None


class Model:
    async def load(self):
        return self


async def model():
    global _model
    if not _model:  # expect: racy-async-singleton certain
        _model = Model()
        print("loading")
        await _model.load()
    return _model
