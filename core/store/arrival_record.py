"""An arrival as bytes for the commit log: Arrow's own messages, whose schemas are kept once a file."""

import json
import struct
from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa

from core.events.cleaning import REFUSED_SCHEMA
from core.events.schema import EVENT_SCHEMA, ITEM_SCHEMA
from core.store.collect_queries import Arrival

_LENGTH = struct.Struct("<I")


def head_of_records() -> bytes:
    """What `decode` needs of a file: the schemas its records were written by, for a later version may have others."""
    return _joined([EVENT_SCHEMA.serialize().to_pybytes(), ITEM_SCHEMA.serialize().to_pybytes()])


def encode(arrival: Arrival) -> bytes:
    """The arrival without its schemas."""
    about = {"at": arrival.at.isoformat(), "links": arrival.links, "rejected": arrival.rejected.to_pylist()}
    return _joined([json.dumps(about).encode(), _rows(arrival.events), _rows(arrival.items)])


def decode(payload: bytes, head: bytes) -> Arrival:
    """The arrival of a payload and its file's head."""
    schemas = [pa.ipc.read_schema(pa.py_buffer(part)) for part in _split(head)]
    told, events, items = _split(payload)
    about = json.loads(told)
    return Arrival(
        events=_table(events, schemas[0], EVENT_SCHEMA),
        rejected=pa.Table.from_pylist(about["rejected"], schema=REFUSED_SCHEMA),
        items=_table(items, schemas[1], ITEM_SCHEMA),
        links=tuple((visitor_id, user_id) for visitor_id, user_id in about["links"]),
        at=datetime.fromisoformat(about["at"]),
    )


def _rows(table: pa.Table) -> bytes:
    """The rows as one batch; nothing of an empty table."""
    if not len(table):
        return b""
    batches = table.to_batches()
    batch = batches[0] if len(batches) == 1 else pa.concat_batches(batches)
    written: bytes = batch.serialize().to_pybytes()
    return written


def _table(data: bytes, written: pa.Schema, wanted: pa.Schema) -> pa.Table:
    """The rows by the present schema: a column that was not known then is empty."""
    if not data:
        return wanted.empty_table()
    rows = pa.ipc.read_record_batch(pa.py_buffer(data), written)
    columns = [
        rows.column(field.name).cast(field.type) if field.name in written.names else pa.nulls(len(rows), field.type)
        for field in wanted
    ]
    return pa.Table.from_arrays(columns, schema=wanted)


def _joined(parts: Sequence[bytes]) -> bytes:
    return b"".join(_LENGTH.pack(len(part)) + part for part in parts)


def _split(data: bytes) -> list[bytes]:
    parts, place = [], 0
    while place < len(data):
        (length,) = _LENGTH.unpack_from(data, place)
        place += _LENGTH.size
        parts.append(data[place : place + length])
        place += length
    return parts
