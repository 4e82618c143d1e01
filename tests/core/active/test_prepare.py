"""What a queue must load is loaded before somebody chooses it, and not with the server."""

import subprocess
import sys

_LOADED = """
import sys
import core.active.handing_out
from core.active.query_strategies.typical import prepare
print("sklearn" in sys.modules)
prepare()
import time
import numpy as np
from core.active.query_strategies.typical import typical_of_each
began = set(sys.modules)
typical_of_each(np.random.default_rng(0).random((200, 3)).astype(np.float32), np.zeros(200, bool), 5, 0)
print(sorted(name for name in set(sys.modules) - began if name.startswith("sklearn.cluster")))
"""


def test_the_queue_of_typical_sessions_finds_its_library_loaded() -> None:
    done = subprocess.run([sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.split() == ["False", "[]"]
