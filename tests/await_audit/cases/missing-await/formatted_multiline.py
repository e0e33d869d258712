async def host():
    return "h"


async def report():
    return (
        f"start "
        f"at {host()} now"  # expect: missing-await certain
    )
