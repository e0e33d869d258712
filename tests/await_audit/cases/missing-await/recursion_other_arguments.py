async def walk(node):
    for child in node.children:
        walk(child)  # expect: missing-await certain
