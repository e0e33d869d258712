class Files:
    def copy(self, path):
        return path


class Checkpoints(Files):
    pass


class AsyncFiles(Files):
    async def copy(self, path):
        return path


class AsyncCheckpoints(Checkpoints, AsyncFiles):
    async def restore(self, path):
        self.copy(path)  # expect: missing-await certain
