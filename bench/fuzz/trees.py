"""Changes of JSON, XML and TOML that stay JSON, XML and TOML: the reader's checks are reached, not only its parser's."""

from __future__ import annotations

import json
import re
from random import Random
from typing import Any

from . import odd


def written(body: Any) -> str:
    """JSON with whatever Python's own writer cannot: deep nests, and names that stand twice (lists of pairs)."""
    if isinstance(body, odd.Nested):
        return "[" * body.levels + "]" * body.levels
    if isinstance(body, Twice):
        return "{" + ",".join(f"{json.dumps(str(name))}:{written(value)}" for name, value in body.pairs) + "}"
    if isinstance(body, dict):
        return "{" + ",".join(f"{json.dumps(str(name))}:{written(value)}" for name, value in body.items()) + "}"
    if isinstance(body, list | tuple):
        return "[" + ",".join(map(written, body)) + "]"
    if type(body) is int and abs(body) > 10**300:
        return "1" + "0" * 400
    return json.dumps(body)


class Twice:
    """An object whose names may stand twice."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        self.pairs = pairs


def places(body: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value."""
    found = [path]
    held = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for key, value in held:
        found += places(value, (*path, key))
    return found


def json_tree(rng: Random, data: bytes) -> bytes:
    """Some values replaced by odd ones, dropped, doubled, renamed or copied from elsewhere. An .otio holds JSON in its texts: that too."""
    try:
        body = json.loads(data)
    except ValueError:
        return data
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        body = _changed(rng, body)
    return written(body).encode("utf-8", "surrogatepass")


def _changed(rng: Random, body: Any) -> Any:
    way = rng.choice(places(body)) if not isinstance(body, odd.Nested | Twice) else ()
    if not way:
        return odd.value(rng)
    above = body
    for key in way[:-1]:
        above = above[key]
    key, how = way[-1], rng.randrange(8)
    held = above[key]
    if isinstance(held, str) and held[:1] == "{" and rng.random() < 0.9:
        above[key] = json_tree(rng, held.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")
    elif how == 0:
        del above[key]
    elif how == 1 and isinstance(above, dict):
        above[rng.choice(odd.TEXTS)] = above.pop(key)
    elif how == 2 and isinstance(above, list):
        above.extend([held] * rng.choice((1, 50, 3000)))
    elif how == 3 and isinstance(held, dict):
        pairs = list(held.items())
        above[key] = Twice(pairs + [(name, odd.value(rng)) for name, _ in pairs[:3]])
    elif how == 4 and isinstance(held, int | float) and not isinstance(held, bool):
        above[key] = held * rng.choice((-1, 2, 1000, 10**9, 0.5)) + rng.choice((0, 1, -1))
    elif how == 5:
        other: Any = body
        for step in rng.choice(places(body)):
            other = other[step]
        above[key] = json.loads(json.dumps(other)) if len(str(other)) < 100_000 else None
    else:
        above[key] = odd.value(rng)
    return body


_ELEMENT = re.compile(rb"<(\w[\w-]*)([^<>]*?)(/?)>")
_ATTRIBUTE = re.compile(rb'([\w:-]+)="([^"]*)"')
_TEXT = re.compile(rb">([^<>]+)<")
_LAUGHS = b'<!DOCTYPE l [<!ENTITY a "lol">%s]>' % b"".join(b'<!ENTITY %c "%s">' % (c + 1, b"&%c;" % c * 10) for c in range(97, 110))
_OUTSIDE = b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd" [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
_PARAMETER = b'<!DOCTYPE x [<!ENTITY %% p SYSTEM "file:///etc/passwd"> %%p;]>' % ()
_INCLUDE = b'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'


def xml_tree(rng: Random, data: bytes) -> bytes:
    """Values, elements and attributes changed; or entities, documents from outside and deep nests put in."""
    how = rng.randrange(9)
    if how == 0:
        entity = rng.choice((_LAUGHS, _OUTSIDE, _PARAMETER))
        data = re.sub(rb"<!DOCTYPE[^>]*>", b"", data).replace(b"?>", b"?>" + entity, 1)
        return _TEXT.sub(rng.choice((b">&n;<", b">&e;<", b">&a;<")), data, count=1)
    if how in (1, 2):
        return _at(rng, _ATTRIBUTE, data, lambda one: one[1] + b'="' + _escaped(rng) + b'"')
    if how in (3, 4):
        return _at(rng, _TEXT, data, lambda one: b">" + _escaped(rng) + b"<")
    if how == 5:
        return _at(rng, _ELEMENT, data, lambda one: rng.choice((b"", one[0] * 2, _INCLUDE + one[0], one[0].replace(one[1], b"clip", 1))))
    if how == 6:
        levels = rng.choice((50, 3000, 100_000))
        return _at(rng, _ELEMENT, data, lambda one: b"<d>" * levels + b"</d>" * levels + one[0])
    if how == 7:
        names = list(_ATTRIBUTE.finditer(data))
        return data if not names else data.replace(rng.choice(names)[0], b"", 1)
    coding = rng.choice(("utf-16", "utf-32", "latin-1", "utf-7", "idna", "no-such"))
    return re.sub(rb'encoding="[^"]*"', b'encoding="%s"' % coding.encode(), data, count=1)


def _escaped(rng: Random) -> bytes:
    body = odd.value(rng)
    text = body if isinstance(body, str) else str(body)[:5000] if not isinstance(body, odd.Nested) else "[" * body.levels
    text = rng.choice((text, f"{text}s", f"1/{text}s", f"{text}/1001s"))
    return text.encode("utf-8", "surrogatepass").replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b'"', b"&quot;")


def _at(rng: Random, pattern: re.Pattern[bytes], data: bytes, change: Any) -> bytes:
    found = list(pattern.finditer(data))
    if not found:
        return data
    one = rng.choice(found)
    return data[: one.start()] + change(one) + data[one.end() :]


_TABLE = re.compile(rb"^\[.*\]$", re.M)
_TABLES = (b"[mask]", b"[[mask]]", b"[[mask.key]]", b"[input.video]", b"[inpaint.command]", b"[a]", b"[" + b"a." * 3000 + b"a]", b"[]")
_KEY = re.compile(rb"^(\w+) = (.*?)( +#.*)?$", re.M)


def toml_tree(rng: Random, data: bytes) -> bytes:
    """Values of keys replaced by odd ones, keys doubled, renamed, dropped or moved; tables doubled and nested."""
    for _ in range(rng.choice((1, 1, 2, 5))):
        how = rng.randrange(8)
        if how < 5:
            data = _at(rng, _KEY, data, lambda one: one[1] + b" = " + _toml_value(rng))
        elif how == 5:
            data = _at(rng, _KEY, data, lambda one: one[0] + b"\n" + one[0])
        elif how == 6:
            data = _at(rng, _KEY, data, lambda one: rng.choice((b"", b'"\\u0000" = 1', b"strange = 1", b"a.a.a = 1", b"a" + b".a" * 5000 + b" = 1")))
        else:
            data = _at(rng, _TABLE, data, lambda one: rng.choice(_TABLES) + b"\n" + one[0])
    return data


def _toml_value(rng: Random) -> bytes:
    plain = rng.choice((*b"inf -inf nan 1e400 0x7fffffffffffffff 1979-05-27T07:32:00Z true {} [] [[1]]".split(), b"9" * 5000))
    nested = b"[" * 3000 + b"]" * 3000
    text = rng.choice(odd.TEXTS).encode("utf-8", "surrogatepass")
    quoted = json.dumps(text.decode("utf-8", "replace"), ensure_ascii=False).encode()
    count = str(rng.choice([n for n in odd.NUMBERS if isinstance(n, int)])).encode()
    return rng.choice((plain, nested, quoted, quoted, count, count, b'["a", "b"]', b"[1, 2, 3]", repr(rng.uniform(-2, 200)).encode()))
