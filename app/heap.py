"""Garbage collection in a server that has large libraries in memory.

A full collection walks over every object there is. With torch, pandas and plotly loaded that takes 0.3 to 0.4 s, in
which no thread runs Python: labels and events wait. Streamlit asks for one after every run of a page, which is switched
off (`server.py`); what stays for good is taken out of the others by `freeze_heap`.
"""

import gc


def freeze_heap() -> None:
    """Collect once, and let later collections pass over all that is in memory now; again after a large import."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
