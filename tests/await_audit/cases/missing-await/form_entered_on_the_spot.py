from starlette.requests import Request


async def upload(request: Request):
    async with request.form() as form:
        return form["file"]
