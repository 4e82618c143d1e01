"""How a label given in bulk is told from one that somebody gave after looking at the session.

A label of a batch carries its batch in its client_id, `bulk:BATCH:…`. It teaches, but nobody has read its session: it
measures no model, says nothing of how far people agree or how fast they work, and is no draw of a queue.
"""

BULK_PREFIX = "bulk:"


def is_bulk(alias: str = "") -> str:
    """The SQL condition on rows of the journal, the table called `alias`."""
    return f"starts_with({alias + '.' if alias else ''}client_id, '{BULK_PREFIX}')"


IS_BULK = is_bulk()
