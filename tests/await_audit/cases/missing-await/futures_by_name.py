async def call(number):
    return number


class Batch:
    def __init__(self):
        self.futures = []

    def add(self, number):
        self.futures.append(call(number))
