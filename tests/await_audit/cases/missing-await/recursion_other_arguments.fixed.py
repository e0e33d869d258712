async def walk(node):
    for child in node.children:
        await walk(child)  # expect: missing-await certain
