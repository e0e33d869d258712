class Cursor:
    def rows(self):
        return []


class Connection:
    async def cursor(self) -> Cursor:
        return Cursor()


async def main(connection: Connection):
    cursor = await connection.cursor()
    return cursor.fetch_everything()  # expect: missing-method certain
