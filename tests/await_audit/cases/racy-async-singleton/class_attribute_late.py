class Hub:
    shared = None

    @classmethod
    async def get(cls, connect):
        if not cls.shared:  # expect: racy-async-singleton likely
            cls.shared = await connect()
        return cls.shared
