_reader = None
_writer = None


async def streams(dial):
    global _reader, _writer
    if _writer is None:  # expect: racy-async-singleton certain
        _reader, made = await dial()
        _writer = made
    return _reader, _writer
