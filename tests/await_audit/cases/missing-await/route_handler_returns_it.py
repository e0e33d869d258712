async def render(name):
    return name


def application(app):
    @app.get("/")
    async def index():
        return render("index")  # expect: missing-await likely

    return index
