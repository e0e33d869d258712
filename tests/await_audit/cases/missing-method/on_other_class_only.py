class Cat:
    def purr(self):
        return 1


class Dog:
    def bark(self):
        return 2


async def adopt() -> Dog:
    return Dog()


async def main():
    pet = await adopt()
    pet.purr()  # expect: missing-method likely
