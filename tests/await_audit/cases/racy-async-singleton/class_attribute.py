class Hub:
    _instance = None

    @classmethod
    async def get(cls):
        if cls._instance is None:  # expect: racy-async-singleton likely
            cls._instance = cls()
            await cls._instance.open()
        return cls._instance

    async def open(self):
        return None
