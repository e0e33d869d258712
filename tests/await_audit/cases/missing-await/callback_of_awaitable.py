from collections.abc import Awaitable, Callable


async def dispatch(request: str, call_next: Callable[[str], Awaitable[str]]) -> str:
    return call_next(request)  # expect: missing-await likely
