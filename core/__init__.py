"""Everything that thinks: events, store, intents, model, training, explanations. Never imports streamlit."""

import os

# Read by the OpenMP of torch and scikit-learn when they load. Threads that spin while they wait for one another take
# the cores that others need: beside one busy process, boosted trees took six times as long as with threads that sleep.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
