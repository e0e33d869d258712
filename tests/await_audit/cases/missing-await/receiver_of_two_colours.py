from typing import Any


class Receiver:
    def request(self, name) -> Any:
        return name


class AsyncReceiver:
    async def request(self, name) -> Any:
        return name


class Session:
    def __init__(self, receiver: Receiver | AsyncReceiver):
        self._receiver = receiver

    def state(self):
        response = self._receiver.request("state")
        return response.value
