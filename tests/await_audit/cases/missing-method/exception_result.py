class Failed(Exception):
    def hint(self):
        return "h"


async def failure() -> Failed:
    return Failed()


async def main():
    error = await failure()
    error.with_traceback(None)
    return error.hint()
