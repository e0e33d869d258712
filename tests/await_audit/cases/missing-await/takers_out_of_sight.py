async def update():
    return 1


async def main(hass, helper, page):
    hass.async_add_job(update())
    await helper.call_async(update())
    await helper.submit_async(update())
    await helper.start_async(update())
    page.async_(update())
