class Handler:
    async def get(self, request, load):
        if request.state.user is None:
            request.state.user = await load()
        return request.state.user
