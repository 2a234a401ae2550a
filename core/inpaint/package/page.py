"""report.html: one file that a producer can read. It asks nothing of the network, and holds no script; all text in it is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...report.bits import frames_of, soft
from ...report.markup import Markup, tag
from ...report.style import CSS
from ..project.config import TABLES, Config
from .trios import Trio

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_OWN = """
.trio img.wide { aspect-ratio: auto; }
.flag { color: var(--ambiguous); font-weight: 600; }
p.proof { font-size: 17px; max-width: 46em; }
"""
_WHY = {
    "start": "the shot begins", "cut": "a cut", "motion": "it had moved", "colour": "its light had changed", "size": "the group was full",
    "manual": "named in genlock.toml", "mask": "the mask begins again",
}  # fmt: skip


def page(body: Mapping[str, Any], trios: Sequence[Trio]) -> str:
    """The page.

    body   the manifest
    trios  pictures of some keyframes: before, mask, after
    """
    name = body["inputs"].get("video", {}).get("path", "shot").replace("\\", "/").rpartition("/")[2]
    main = tag(
        "main",
        tag(
            "header",
            tag("p", tag("b", "genlock"), " inpaint, ", tag("bdi", name), class_="kind"),
            tag("h1", _headline(body)),
            _figures(body),
            _notes(body),
        ),
        _proof(body),
        _pictures(trios),
        _keyframes(body),
        _colour(body),
        _settings(body),
        _files(body),
    )
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", f"{name}: genlock inpaint report"),
        tag("style", Markup(CSS + _OWN)),
    )
    return f"<!DOCTYPE html>\n{tag('html', head, tag('body', main), lang='en')}\n"


def _headline(body: Mapping[str, Any]) -> str:
    count, backend = body["frames"]["count"], body["settings"]["inpaint"]["backend"]
    painted = [row for row in body["keyframes"] if row["action"] == "pick"]
    if body["composite"].get("transport") == "fill":
        return f"{frames_of(count)}, filled from their neighbours"
    return f"{frames_of(count)} made from {len(painted)} keyframe{'' if len(painted) == 1 else 's'} painted by {backend}"


def _figures(body: Mapping[str, Any]) -> Markup:
    flagged = [row for row in body["checks"] if row["flagged"]]
    size = body["frames"]["size"]
    by_person = sum(row["by"] == "person" for row in body["keyframes"])
    cells = [
        ("Frames", body["frames"]["count"], f"{size[1]} x {size[0]}, {_rate(body['frames']['rate'])} a second"),
        ("Keyframes", len(body["keyframes"]), f"{by_person} picked by a person"),
        ("To look at", len(flagged), "groups"),
        ("Outside the mask", _worst(body["untouched"]), "largest difference" if body["untouched"].get("alike") else ""),
    ]
    return tag("dl", *[tag("div", tag("dt", name), tag("dd", value, " ", tag("small", more))) for name, value, more in cells], class_="figures")


def _rate(text: str) -> str:
    num, _, den = text.partition("/")
    return f"{int(num) / int(den or 1):.5g}"


def _worst(proof: Mapping[str, Any]) -> str:
    return f"{proof['worst']:g}" if proof.get("alike") else "not measured"


def _notes(body: Mapping[str, Any]) -> Markup | None:
    said = [text for notes in body["notes"].values() for text in notes]
    return tag("ul", *[tag("li", text) for text in said], class_="look", aria_label="Notes") if said else None


def _proof(body: Mapping[str, Any]) -> Markup:
    proof = body["untouched"]
    if not proof.get("alike"):
        text = proof.get("why") or "The film stores other samples than the shot, so its pixels outside the mask were not compared."
    elif proof["worst"] == 0:
        text = (
            f"Every one of {proof['samples']:,} samples outside the mask, in {frames_of(proof['frames'])}, is the shot's own, bit for bit. "
            "This was measured on the finished film."
        )
    else:
        text = f"Outside the mask the film's codec changed samples by up to {proof['worst']:g}, in {frames_of(proof['frames'])}."
    return tag("section", tag("h2", "What was not touched"), tag("p", text, class_="proof"))


def _pictures(trios: Sequence[Trio]) -> Markup | None:
    if not trios:
        return None
    rows = [
        tag(
            "figure",
            tag("figcaption", tag("b", f"Frame {trio.number}"), tag("span", trio.said)),
            tag("div", *[tag("img", src=src, alt=f"{what} of frame {trio.number}") for what, src in trio.pictures], class_="trio"),
            class_="still",
        )
        for trio in trios
    ]
    return tag("section", tag("h2", "Before, mask, after"), tag("div", *rows, class_="stills"))


def _keyframes(body: Mapping[str, Any]) -> Markup:
    checks = {row["keyframe"]: row for row in body["checks"]}
    head = tag("tr", *[tag("th", name, class_="r" if name in ("Flicker", "Colour") else None) for name in _COLUMNS])
    rows = [_row(row, checks.get(row["keyframe"], {})) for row in body["keyframes"]]
    lead = (
        "Flicker: levels of 8 bits, beyond the shot's own, along its motion. Colour: deviations from the other keyframes. "
        "A group beyond a limit is marked, and nothing is done to it unless genlock.toml says so."
    )
    table = tag("table", tag("thead", head), tag("tbody", *rows), class_="runs")
    return tag("section", tag("h2", "Keyframes"), tag("p", lead, class_="lead"), table)


_COLUMNS = ("Keyframe", "Frames", "Begun because", "Picture", "Flicker", "Colour", "Look at")


def _row(row: Mapping[str, Any], check: Mapping[str, Any]) -> Markup:
    facts = row.get("facts", {})
    model = " ".join(str(facts[name]) for name in ("model", "model_hash") if facts.get(name))
    filled = facts.get("backend") == "classic"
    seed = "" if row.get("seed") is None or filled else f"seed {row['seed']}, denoise {row['denoise']:g}, "
    first = "filled" if filled else "the first one"
    picture = "dropped" if row["action"] == "drop" else seed + ("picked by a person" if row["by"] == "person" else first)
    told = f"{check['why']}{'; made from its neighbours' if check.get('mended') else ''}" if check.get("flagged") else ""
    cells: list[tuple[Any, str | None]] = [
        (row["keyframe"], None), (f"{row['first']} to {row['last']}", None), (_WHY.get(row["why"], row["why"]), None),
        (tag("span", picture, soft(model) if model else None), None),
        (f"{check['excess_warp']:.1f}" if check else "", "r"), (f"{check['colour_z']:.1f}" if check else "", "r"),
        (tag("span", told, class_="flag") if told else "", None),
    ]  # fmt: skip
    return tag("tr", *[tag("td", value, class_=kind, data_name=name) for (value, kind), name in zip(cells, _COLUMNS, strict=True)])


def _colour(body: Mapping[str, Any]) -> Markup | None:
    if body["frames"]["dtype"] != "float32" and not body["settings"]["input"]["space"]:
        return None
    space, beyond = body["settings"]["input"]["space"], body["composite"].get("beyond", {})
    way = f"went by OpenColorIO from {space} to Rec. 709" if space else "are scene-linear light"
    held = f"{beyond.get('share', 0):.2%} of the masked pixels ({beyond.get('pixels', 0):,})"
    text = (
        f"The frames {way}, and were bent into 0 to 1 for the painter by a curve that clips nothing at the top; its answer came back by the "
        f"inverse. {held} held light that its {beyond.get('bits', 16)} bits cannot say; where it left them alone, they are as they were."
    )
    return tag("section", tag("h2", "Colour"), tag("p", text))


def _settings(body: Mapping[str, Any]) -> Markup:
    """Those that are not the defaults."""
    usual = Config()
    pairs = []
    for table, held in body["settings"].items():
        default = getattr(usual, TABLES[table]).to_json()
        pairs += [(f"{table}.{key}", value) for key, value in held.items() if value != default[key] and value not in ("", [])]
    said = [tag("div", tag("dt", name), tag("dd", _plain(value))) for name, value in pairs]
    lead = tag("p", "Those that are not the defaults; manifest.json has all of them.", class_="lead")
    return tag("section", tag("h2", "Settings"), lead, tag("dl", *said, class_="settings"))


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else "yes" if value is True else "no" if value is False else str(value)


def _files(body: Mapping[str, Any]) -> Markup:
    rows = [
        tag(
            "tr",
            *[
                tag("td", value, class_=kind)
                for value, kind in (
                    (tag("span", file["path"], class_="tc"), None),
                    (f"{file['bytes']:,}", "r"),
                    (soft(file["sha256"][:16]), None),
                )
            ],
        )
        for file in body["files"][:50]
    ]
    more = len(body["files"]) - len(rows)
    head = tag("tr", tag("th", "File"), tag("th", "Bytes", class_="r"), tag("th", "SHA-256 begins"))
    software = ", ".join(f"{name} {version}" for name, version in body["software"].items())
    return tag(
        "section", tag("h2", "Files"), tag("table", tag("thead", head), tag("tbody", *rows)),
        tag("p", f"and {more} more, in manifest.json", class_="soft") if more > 0 else None,
        tag("footer", f"genlock {body['genlock']}, {software}. manifest.json holds all of this for programs."),
    )  # fmt: skip
