class Inner:
    async def call(self, request):
        return request


class Outer:
    def __init__(self):
        self.middleware = Inner()

    async def handle(self, request):
        response = self.middleware.call(request)  # expect: missing-await certain
        return response.body
