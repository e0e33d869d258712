_pool = None


def pool(create):
    global _pool
    if _pool is None:
        _pool = create()
        _pool.open()
    return _pool
