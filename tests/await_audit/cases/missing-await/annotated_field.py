from dataclasses import dataclass


class Database:
    async def fetch(self, query):
        return []


@dataclass
class Repository:
    database: Database

    async def first(self):
        rows = self.database.fetch("select 1")  # expect: missing-await certain
        return rows[0]
