"""秘匿: 個人番号 of a batch become keyed HMAC and ciphertext before anything is staged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from etl.edge.keys import Cipher, Matcher
from etl.site import Site


@dataclass(frozen=True)
class Secret:
    """個人番号 -> (HMAC, ciphertext) as hex columns; and the key of the records' hashes."""

    matcher: Matcher
    cipher: Cipher
    row_hash: bytes

    def columns(self, numbers: pa.Array) -> tuple[pa.Array, pa.Array]:
        plain = [n.encode() for n in numbers.drop_null().to_pylist()]
        hmacs = hex_column(b"".join(self.matcher.digests(plain)), len(plain))
        ciphers = hex_column(b"".join(self.cipher.encrypt_many(plain)), len(plain))
        place = pa.compute.cumulative_sum(numbers.is_valid().cast(pa.int64()))  # 1, 2, … over the numbers that are set
        place = pa.compute.if_else(numbers.is_valid(), pa.compute.subtract(place, 1), None)
        return hmacs.take(place), ciphers.take(place)


def hex_column(joined: bytes, count: int) -> pa.Array:
    """``count`` values of one width as a text column of bytea literals, built from buffers: no Python string per row."""
    digits = np.frombuffer(joined.hex().encode(), np.uint8).reshape(count, -1) if count else np.empty((0, 0), np.uint8)
    text = np.hstack([np.broadcast_to(np.frombuffer(rb"\x", np.uint8), (count, 2)), digits])
    offsets = np.arange(count + 1, dtype=np.int32) * text.shape[1]
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(text)))


def secret(site: Site) -> Secret:
    return Secret(site.keys.matcher(), site.keys.cipher("kojin-no"), site.keys.row_hash())


def without_kojin_no(rows: Any, secret: Secret) -> Any:
    """The rows with ``kojin_hmac`` and ``kojin_cipher`` instead of ``kojin_no``, if they have it."""
    if "kojin_no" not in rows.schema.names:
        return rows
    at = rows.schema.get_field_index("kojin_no")
    column = rows.column(at)
    hmacs, ciphers = secret.columns(column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column)
    columns = [c for i, c in enumerate(rows.columns) if i != at] + [hmacs, ciphers]
    names = [n for n in rows.schema.names if n != "kojin_no"] + ["kojin_hmac", "kojin_cipher"]
    return (
        pa.Table.from_arrays(columns, names=names)
        if isinstance(rows, pa.Table)
        else pa.RecordBatch.from_arrays(columns, names=names)
    )
