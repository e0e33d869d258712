import asyncio


class Inbox:
    def __init__(self):
        self.queue = asyncio.Queue()

    def next_letter(self) -> str:  # expect: hidden-coroutine certain
        return self.queue.get()
