"""Train: start, watch and stop runs; compare, promote and roll back models (?run=&model=)."""

from app.guard import guard
from app.views.train import render_train

with guard():
    render_train()
