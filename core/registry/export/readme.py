"""The README of an exported folder: the model card, and how to load what is in the folder."""

from collections.abc import Mapping
from typing import Any, Literal

from core.registry.card_text import card_markdown, front_matter

Format = Literal["hf", "onnx"]
FORMATS: tuple[Format, ...] = ("hf", "onnx")

_HF = """
## How to load it

The classes come with the package `intentlens`; nothing is downloaded and no code is run from this folder:

```python
import core.model.session_model  # registers the classes
from transformers import AutoModel

model = AutoModel.from_pretrained("FOLDER").eval()
```

`AutoModel.from_pretrained("FOLDER", trust_remote_code=True)` needs no import first: it reads
`modeling_intentlens.py`, three lines that import the same classes.

The model reads an `EventBatch`. From frames of events and items to calibrated probabilities at every event (the
logits divided by the card's temperature, through a softmax):

```python
from pathlib import Path
from core.model.scorer import SessionScorer

scorer = SessionScorer.load(Path("FOLDER"))
probabilities = scorer.score(events, items)  # [events, intents], intents as scorer.intents
```
"""

_ONNX = """
## How to run it

`full.onnx` reads right-padded windows of events at once, `step.onnx` one further event of each stream beside the keys
and values of those before; both give calibrated probabilities, and were compared with the model when they were
written (largest difference: see `inputs.json`). `inputs.json` names every column and the order of the intents.

| input | shape | what |
| --- | --- | --- |
| codes | [windows, events, codes] int64 | categorical columns; 0 padding, 1 unknown, 2 missing |
| numbers | [windows, events, numbers] float32 | standardised, NaN = missing |
| own_text, title | [windows, events] int64 | rows of `text_vectors`, 0 = no text |
| image | [windows, events] int64 | rows of `image_vectors`, 0 = no picture |
| text_vectors, image_vectors | [rows, size] float32 | of the distinct texts and pictures; row 0 is never read |
| keys, values (step.onnx) | [layers, windows, heads, past, size] float32 | of the events before; past starts at 0 |

`step.onnx` takes one event (events = 1) and returns `next_keys` and `next_values` for the next call. At `max_events`
past events, begin anew from an empty cache with the last half of them, as the model does.

The columns of an event are made by `core.model.featurizer` from `vocabulary.json`, the vectors by the model's own
text and picture encoders (`core.model.modalities`, weights in the Hugging Face export).
"""

_HOW: dict[Format, str] = {"hf": _HF, "onnx": _ONNX}


def readme(card: Mapping[str, Any], kind: Format) -> str:
    """Front matter, how to use the folder, and the card."""
    return front_matter(card) + "\n" + card_markdown(card) + _HOW[kind]
