"""XML out and in. What comes in may be hostile: no entity is expanded, no outside document is opened."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

from ..core.errors import FormatError

MOST_BYTES = 256 << 20
MOST_TAGS = 1 << 22
"""A tree takes 100 bytes of memory and more for each, however short it is written."""
MOST_DEEP = 200
"""Elements in one another. Editors nest some twenty; what reads and writes trees calls itself for each."""


def to_bytes(root: ET.Element, doctype: str = "") -> bytes:
    """A document in UTF-8, indented. Raises FormatError for text that XML cannot hold."""
    ET.indent(root, " ")
    head = '<?xml version="1.0" encoding="UTF-8"?>\n' + (f"<!DOCTYPE {doctype}>\n" if doctype else "")
    text = ET.tostring(root, encoding="unicode")
    if any(ord(c) < 32 and c not in "\t\n\r" for c in text):
        raise FormatError("a name holds a character that XML cannot", "rename the file, or write .otio")
    return (head + text + "\n").encode("utf-8", "xmlcharrefreplace")


def from_bytes(body: bytes) -> ET.Element:
    """The root of a document. Raises FormatError where it is malformed, too large, or has entities of its own."""
    from defusedxml import ElementTree as Safe
    from defusedxml.common import DefusedXmlException

    if len(body) > MOST_BYTES:
        raise FormatError(f"this XML is larger than {MOST_BYTES >> 20} MiB")
    if body.count(b"<") > MOST_TAGS:
        raise FormatError(f"this XML has more than {MOST_TAGS:,} tags, which no timeline has", "export it again, or split it")
    try:
        root: Any = Safe.fromstring(body, forbid_dtd=False, forbid_entities=True, forbid_external=True)
    except DefusedXmlException as error:
        raise FormatError("this XML defines entities of its own, which are not expanded here", "export it again from the editor") from error
    except (ET.ParseError, ValueError, LookupError) as error:
        raise FormatError(f"this is not XML: {error}") from error
    if _too_deep(root):
        raise FormatError(f"this XML nests more than {MOST_DEEP} elements in one another", "export it again from the editor")
    return root  # type: ignore[no-any-return]


def _too_deep(root: ET.Element) -> bool:
    level = [root]
    for _ in range(MOST_DEEP):
        level = [child for element in level for child in element]
    return bool(level)


def add(parent: ET.Element, tag: str, text: object = None, **attributes: object) -> ET.Element:
    """A child, with text and attributes; a trailing underscore of an attribute's name is left out."""
    child = ET.SubElement(parent, tag, {name.rstrip("_"): str(value) for name, value in attributes.items()})
    if text is not None:
        child.text = str(text)
    return child
