"""Look at a page as its reader's browser would."""

from __future__ import annotations

from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag


def parse(html: str) -> BeautifulSoup:
    """The page as a tree."""
    return BeautifulSoup(html, "html.parser")


def one(soup: BeautifulSoup, selector: str) -> Tag:
    """The only element that the selector finds."""
    found = soup.select(selector)
    assert len(found) == 1, f"{len(found)} × {selector}"
    return found[0]


def assert_inert(soup: BeautifulSoup) -> None:
    """Nothing on the page runs, fetches, or links out of the run folder."""
    assert not soup.find_all(["script", "iframe", "object", "embed", "link", "base", "form"])
    for tag in soup.find_all(True):
        assert not [name for name in tag.attrs if name.startswith("on")]
    for tag in soup.find_all(["img", "source"]):
        assert str(tag.get("src") or tag.get("srcset")).startswith("data:image/")
    for tag in soup.find_all(href=True):
        link = urlsplit(str(tag["href"]))
        assert (link.scheme, link.netloc) == ("", ""), tag
