import asyncio


def load(function) -> "asyncio.Future[int]":
    return asyncio.get_running_loop().run_in_executor(None, function)
