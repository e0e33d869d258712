"""Keep HTML that a notebook made, without anything that runs or fetches."""

from __future__ import annotations

from typing import Final

from bs4 import BeautifulSoup, Tag
from markupsafe import Markup

_ACTIVE: Final = ["script", "iframe", "frame", "object", "embed", "link", "meta", "base", "form"]
_FETCHING: Final = frozenset({"src", "srcset", "poster", "background", "data", "href", "xlink:href"})


def passive(html: str) -> Markup:
    """The same HTML, well-formed, minus scripts, event handlers and addresses that would be fetched.

    The page's Content-Security-Policy stops these too; here they are gone from the file itself. Links that
    a reader follows by hand stay, and so do figures and tables, which hold none of this.
    """
    soup = BeautifulSoup(html, "html.parser")
    for tag in soup.find_all(_ACTIVE):
        tag.decompose()
    for tag in soup.find_all(True):
        for name in [name for name, value in tag.attrs.items() if _is_active(tag, name, str(value))]:
            del tag[name]
    return Markup(str(soup))


def _is_active(tag: Tag, name: str, value: str) -> bool:
    address = "".join(value.split()).lower()
    if name.startswith("on") or address.startswith(("javascript:", "vbscript:")):
        return True
    if name not in _FETCHING or (name == "href" and tag.name in {"a", "area"}):
        return False
    return not address.startswith(("data:image/", "#"))
