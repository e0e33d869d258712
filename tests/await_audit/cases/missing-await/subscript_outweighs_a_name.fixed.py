async def fetch():
    return {"id": 1}


async def main(schedule_task):
    reply = await fetch()  # expect: missing-await certain
    print(reply["id"])
    schedule_task(reply)
