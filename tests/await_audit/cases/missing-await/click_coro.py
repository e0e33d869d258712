import click
from tools import coro


@click.command()
@coro
async def cli():
    return None


if __name__ == "__main__":
    cli()
