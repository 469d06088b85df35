"""File names by template: ``JUKIIDOU_{city}_{business_on:yyyymmdd}_{seq:06}_{version:02}.dat`` to values and back.

A slot is ``{name}`` (six digits: a city code), ``{name:yyyymmdd}`` (a day), ``{name:yyyymm}`` (a month, as its first day) or
``{name:0N}`` (an integer of N digits). A name matches whole or not at all; an impossible day does not match.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache

from etl.core.errors import DefinitionError

_SLOT = re.compile(r"\{([a-z][a-z0-9_]*)(?::([a-z0-9]+))?\}")
_WIDTHS = {None: 6, "yyyymmdd": 8, "yyyymm": 6}


def _width(template: str, spec: str | None) -> int:
    """Digits of a slot; DefinitionError for a form we do not know."""
    if spec in _WIDTHS:
        return _WIDTHS[spec]
    if re.fullmatch(r"0[1-9]", spec or ""):
        return int(spec or "")
    raise DefinitionError("NP-1102", item=template, form=spec)


@cache
def _compiled(template: str) -> tuple[re.Pattern[str], tuple[tuple[str, str | None], ...]]:
    pattern, end = "", 0
    slots = []
    for m in _SLOT.finditer(template):
        pattern += re.escape(template[end : m.start()]) + f"([0-9]{{{_width(template, m[2])}}})"
        slots.append((m[1], m[2]))
        end = m.end()
    return re.compile(pattern + re.escape(template[end:])), tuple(slots)


def slots(template: str) -> set[str]:
    """The names of a template's slots. DefinitionError NP-1102 for a form we do not know."""
    return {name for name, _ in _compiled(template)[1]}


def _value(spec: str | None, text: str) -> str | int | date:
    if spec is None:
        return text
    if spec == "yyyymmdd":
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    if spec == "yyyymm":
        return date(int(text[:4]), int(text[4:]), 1)
    return int(text)


def parse_name(template: str, name: str) -> dict[str, str | int | date] | None:
    """Values of the name's slots, or None when the name is not of this template."""
    pattern, slots = _compiled(template)
    found = pattern.fullmatch(name)
    if not found:
        return None
    try:
        return {slot: _value(spec, text) for (slot, spec), text in zip(slots, found.groups(), strict=True)}
    except ValueError:  # no such day
        return None


def _text(spec: str | None, value: str | int | date) -> str:
    if isinstance(value, date):
        return f"{value.year:04}{value.month:02}" + (f"{value.day:02}" if spec == "yyyymmdd" else "")
    return f"{value:{spec}}" if spec else str(value)


def filled(template: str, **values: str | int | date) -> str:
    """A line with these values in its slots; DefinitionError NP-1102 for one without a value."""
    _, slots = _compiled(template)
    line = template
    for slot, spec in slots:
        mark = f"{{{slot}:{spec}}}" if spec else f"{{{slot}}}"
        if slot not in values:
            raise DefinitionError("NP-1102", item=template, form=slot)
        line = line.replace(mark, _text(spec, values[slot]))
    return line


def format_name(template: str, **values: str | int | date) -> str:
    """The name with these values; DefinitionError NP-1102 if they do not fit the template."""
    name = filled(template, **values)
    if parse_name(template, name) is None:
        raise DefinitionError("NP-1102", item=template, form="value")
    return name
