"""The models that there are, and the weights that are kept: what `genlock models` says and does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ...core.errors import GenlockError
from ...models import registry
from ...models.store import Entry, Store
from .desk import Answer

_NOTHING = "no weights are kept yet"


def carry_out(action: str, file: str = "", name: str = "", trust: bool = False, names: Sequence[str] = ()) -> Answer:
    """One of list, add, check and remove; what is refused is the answer's error."""
    store = Store()
    try:
        if action == "add":
            return added(store, Path(file), name, trust)
        if action == "remove":
            return removed(store, name)
        return checked(store, names) if action == "check" else listed(store)
    except GenlockError as error:
        return Answer(str(error), exit_status=error.exit_status, error=error)


def listed(store: Store) -> Answer:
    """What is kept, and every card. Loads no torch."""
    entries, damaged = store.entries(), store.damaged()
    count = f"{len(entries)} kept in {store.root}" if entries else f"{_NOTHING} in {store.root}"
    lines = [*_table(entries), *(f"damaged: {folder}; remove the folder" for folder in damaged)]
    for card in registry.cards():
        lines += ["", f"{card.name}: {card.title}", f"  gives     {' and '.join(card.gives)}", f"  made for  {card.trained_for}"]
        lines += [f"  licence   {card.licence}", f"  files     {card.files}", f"  weights   {card.weights_from}"]
    figures = {
        "folder": str(store.root),
        "models": [_told(entry) for entry in entries],
        "damaged": [str(folder) for folder in damaged],
        "cards": [{**asdict(card), "gives": list(card.gives)} for card in registry.cards()],
    }
    return Answer(count, tuple(lines), figures)


def added(store: Store, path: Path, name: str, trust: bool) -> Answer:
    """A model taken in. Raises GenlockError."""
    entry, new = store.add(path, name, trust)
    said = f"kept as {entry.name}: {entry.label}" if new else f"kept already, as {entry.name}: {entry.label}"
    return Answer(said, (f"sha256 {entry.sha256}",) if new else (), {"model": _told(entry), "new": new})


def removed(store: Store, name: str) -> Answer:
    """Weights forgotten. Raises GenlockError."""
    entry = store.remove(name)
    return Answer(f"removed: {entry.name}, {entry.label}", (), {"model": _told(entry)})


def checked(store: Store, names: Sequence[str], tell: Callable[[str], None] = lambda text: None) -> Answer:
    """Every named (or kept) model opened, compared with its digest, and run once on made pictures. Raises GenlockError for an unknown name."""
    entries = [store.find(name) for name in names] or store.entries()
    findings = []
    for entry in entries:
        tell(entry.name)
        findings.append((entry, _fault(entry, store)))
    damaged = [] if names else store.damaged()
    bad = [entry.name for entry, fault in findings if fault] + [folder.name for folder in damaged]
    wide = max((len(entry.name) for entry, _ in findings), default=0)
    lines = [f"{'fails' if fault else 'ok':5} {entry.name:{wide}}  {fault or entry.label}" for entry, fault in findings]
    lines += [f"fails {folder}: what is kept there has been changed; remove the folder" for folder in damaged]
    sentence = f"{len(findings)} checked, all well" if findings else f"{_NOTHING} in {store.root}"
    if bad:
        sentence = f"not usable: {', '.join(bad)}; remove them, and add their files anew"
    told = [{**_told(entry), "fault": fault} for entry, fault in findings]
    return Answer(sentence, tuple(lines), {"models": told, "damaged": [str(folder) for folder in damaged]}, exit_status=1 if bad else 0)


def _fault(entry: Entry, store: Store) -> str:
    """What is wrong with an entry, or nothing."""
    from ...models.trial import try_out
    from ...models.weights import sha256

    try:
        if entry.digest and sha256(entry.file) != entry.digest:
            return f"{entry.file} is not what was added"
        try_out(entry, store)
    except GenlockError as error:
        return str(error)
    except (OSError, RuntimeError, MemoryError) as error:
        return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
    return ""


def _table(entries: Sequence[Entry]) -> list[str]:
    wide = max((len(entry.name) for entry in entries), default=0)
    deep = max((len(entry.label) for entry in entries), default=0)
    return [f"  {entry.name:{wide}}  {entry.label:{deep}}  {entry.bytes / 2**20:6.1f} MiB  sha256 {entry.sha256[:12]}" for entry in entries]


def _told(entry: Entry) -> dict[str, Any]:
    card = registry.card(entry.card)
    return {**asdict(entry), "file": str(entry.file), "gives": list(card.gives), "licence": card.licence}
