class Client:
    _connection = None

    async def connection(self, dial):
        if self._connection:  # expect: racy-async-singleton likely
            return self._connection
        self._connection = await dial()
        return self._connection
