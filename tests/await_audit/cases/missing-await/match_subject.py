async def kind():
    return "a"


async def main():
    match kind():  # expect: missing-await certain
        case "a":
            return 1
