class Queue:
    async def enqueue(self, name):
        return name


async def main(queue: Queue):
    job = queue.enqueue("work")  # expect: missing-await certain
    print(await job.result())
