async def host():
    return "h"


async def report():
    return (
        f"start "
        f"at {await host()} now"  # expect: missing-await certain
    )
