from unittest.mock import AsyncMock


async def test_it():
    mock_client = AsyncMock()
    mock_client.fetch("x")
    mock_client.fetch.assert_called_once()


class Client:
    async def fetch(self, name):
        return name
