async def shout(word):
    return word.upper()


async def words(source):
    found = []
    for word in source:
        found.append(shout(word))  # expect: missing-await likely
    return found
