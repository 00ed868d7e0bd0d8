"""A strict reader of HTML pages, for tests that ask what is in them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"meta", "link", "input", "br", "img", "hr", "col"}


@dataclass
class Element:
    """A start tag: its name, attributes, and the elements around it."""

    tag: str
    attributes: dict[str, str]
    within: tuple[str, ...]


@dataclass
class Read:
    """The elements, text and faults of a page."""

    elements: list[Element] = field(default_factory=list)
    text: str = ""
    faults: list[str] = field(default_factory=list)

    def all(self, tag: str) -> list[Element]:
        """All elements of one name."""
        return [element for element in self.elements if element.tag == tag]

    @property
    def ids(self) -> list[str]:
        """All ids."""
        return [e.attributes["id"] for e in self.elements if "id" in e.attributes]

    @property
    def links(self) -> list[str]:
        """Every address in the page."""
        return [e.attributes[name] for e in self.elements for name in ("href", "src", "action")
                if name in e.attributes]  # fmt: skip


def read(page: bytes) -> Read:
    """Read a page; tags that are not closed, or closed twice, are faults."""
    parser = _Parser()
    parser.feed(page.decode())
    parser.close()
    parser.found.faults += [f"<{tag}> is never closed" for tag in parser.open]
    return parser.found


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found, self.open = Read(), list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.found.faults.append(f"<{tag}> has an attribute twice: {names}")
        attributes = {name: value or "" for name, value in attrs}
        self.found.elements.append(Element(tag, attributes, tuple(self.open)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element without content, which only SVG has."""
        if "svg" not in self.open:
            self.found.faults.append(f"<{tag}/> is no HTML")
        self.found.elements.append(Element(tag, {n: v or "" for n, v in attrs}, tuple(self.open)))

    def handle_endtag(self, tag: str) -> None:
        """Check that the last open tag is closed."""
        if not self.open or self.open.pop() != tag:
            self.found.faults.append(f"</{tag}> at {self.getpos()} ends nothing")

    def handle_data(self, data: str) -> None:
        """Collect text."""
        self.found.text += data
