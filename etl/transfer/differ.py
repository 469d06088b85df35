"""差分: what is other in a later version, record by record and item by item."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from etl.core.mapping.fields import Field
from etl.core.mapping.layout import codes
from etl.door.parcel import Chosen
from etl.door.slip import shown

Key = tuple[Any, ...]
Record = dict[str, Any]


def differences(before: Chosen, after: Chosen) -> tuple[int, list[tuple[str, ...]]]:
    """How many records were added, left out or changed, and a line for each of their items: key, which of the three, item, before, after."""
    old, new = _by_key(before), _by_key(after)
    keys = sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))
    return len(keys), [line for key in keys for line in _lines(after, key, old.get(key), new.get(key))]


def _lines(chosen: Chosen, key: Key, old: Record | None, new: Record | None) -> Iterator[tuple[str, ...]]:
    kind = "追加" if old is None else "削除" if new is None else "変更"
    for field in chosen.layout.data.stored:
        if field.name in chosen.layout.key:
            continue
        was, is_now = (record.get(field.name) if record else None for record in (old, new))
        if was != is_now:
            yield (*map(shown, key), kind, field.label, _said(field, was), _said(field, is_now))


def _said(field: Field, value: Any) -> str:
    """An item as people read it; a code with its word."""
    if value is None:
        return ""
    word = codes(field.codes).get(str(value), "") if field.codes else ""
    return f"{shown(value)} {word}".rstrip()


def _by_key(chosen: Chosen) -> dict[Key, Record]:
    return {tuple(row[name] for name in chosen.layout.key): row for row in chosen.rows.to_pylist()}
