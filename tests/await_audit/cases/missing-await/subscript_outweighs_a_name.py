async def fetch():
    return {"id": 1}


async def main(schedule_task):
    reply = fetch()  # expect: missing-await certain
    print(reply["id"])
    schedule_task(reply)
