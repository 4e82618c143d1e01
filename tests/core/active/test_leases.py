"""Any interleaving of what annotators do: nobody holds another's session, and every session is handed out."""

import uuid
from pathlib import Path

from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from core.active.handing_out import asking_now, hand_out
from core.active.leases import LEASE, let_go, renew
from core.active.options import QueueOptions
from core.intents.annotations import undo_annotation
from core.settings import Settings
from core.store.frames import read_rows
from core.store.warehouse import Warehouse
from tests.core.active.shop import TurnedClock, fill, label

SESSIONS = 6
PEOPLE = ("mei", "jonas", "li")
names = st.sampled_from(PEOPLE)


class Desks(RuleBasedStateMachine):
    """Three annotators at one queue; `screens` is what each has in front of them."""

    folder: Path
    overlap: int

    def __init__(self) -> None:
        super().__init__()
        self.clock = TurnedClock()
        home = self.folder / uuid.uuid4().hex
        self.warehouse = Warehouse.open(Settings(home=home, sample_shop=False), clock=self.clock)
        self.sessions = fill(self.warehouse, SESSIONS)
        self.options = QueueOptions(overlap=self.overlap)
        self.screens: dict[str, list[str]] = {name: [] for name in PEOPLE}
        self.labels: dict[tuple[str, str], str] = {}
        self.skips: dict[tuple[str, str], str] = {}

    def _holders(self, session_id: str, but: str) -> set[str]:
        """Who else labelled a session or has a live lease of it without having skipped it: told without the pool."""
        rows = read_rows(
            self.warehouse,
            "SELECT DISTINCT annotator FROM leases WHERE session_id = ? AND expires_at > ?",
            [session_id, self.clock()],
        )
        leased = {name for (name,) in rows if (name, session_id) not in self.skips}
        return (leased | {name for name, one in self.labels if one == session_id}) - {but}

    @rule(name=names, wanted=st.integers(1, 4))
    def fetch(self, name: str, wanted: int) -> None:
        screen = self.screens[name]
        got = hand_out(self.warehouse, self.options, annotator=name, wanted=wanted, loaded=screen)
        assert len(set(got)) == len(got)
        assert not set(got) & set(screen)
        for session_id in got:
            assert len(self._holders(session_id, but=name)) < self.overlap
            assert (name, session_id) not in self.labels
            assert (name, session_id) not in self.skips
        screen += got

    @rule(name=names, wanted=st.integers(1, 4))
    def refresh(self, name: str, wanted: int) -> None:
        waiting = [one for one in self._live(name) if (name, one) not in self.labels and (name, one) not in self.skips]
        self.screens[name] = []
        self.fetch(name, wanted)
        assert self.screens[name][: len(waiting)] == waiting[:wanted]

    @rule(name=names, place=st.integers(0, 9), is_label=st.booleans())
    def answer(self, name: str, place: int, is_label: bool) -> None:
        if not self.screens[name]:
            return
        session_id = self.screens[name].pop(place % len(self.screens[name]))
        self.labels.pop((name, session_id), None)
        self.skips.pop((name, session_id), None)
        kind = self.labels if is_label else self.skips
        kind[name, session_id] = label(self.warehouse, session_id, name, "browse" if is_label else None)

    @rule(place=st.integers(0, 99))
    def undo(self, place: int) -> None:
        given = sorted((self.labels | self.skips).items())
        if given:
            (name, session_id), client_id = given[place % len(given)]
            assert undo_annotation(self.warehouse, client_id, annotator=name)
            self.labels.pop((name, session_id), None)
            self.skips.pop((name, session_id), None)

    @rule(minutes=st.sampled_from([1, 6, 16]))
    def wait(self, minutes: int) -> None:
        self.clock.turn(minutes)

    @rule(name=names)
    def keep(self, name: str) -> None:
        renew(self.warehouse, self.options, asking_now(self.warehouse, self.options, name), self.screens[name])

    @rule(name=names)
    def close(self, name: str) -> None:
        self.screens[name] = []
        let_go(self.warehouse, self.options, asking_now(self.warehouse, self.options, name))

    def _live(self, name: str) -> list[str]:
        rows = read_rows(
            self.warehouse,
            "SELECT session_id FROM leases WHERE annotator = ? AND expires_at > ? ORDER BY sequence",
            [name, self.clock()],
        )
        return list(dict.fromkeys(session_id for (session_id,) in rows))

    @invariant()
    def no_lease_is_live_twice(self) -> None:
        rows = read_rows(
            self.warehouse,
            "SELECT session_id FROM leases WHERE expires_at > ? GROUP BY session_id, annotator HAVING count(*) > 1",
            [self.clock()],
        )
        assert rows == []

    def teardown(self) -> None:
        """Everybody leaves; then one more person gets whatever is not labelled often enough, and nothing else."""
        self.clock.turn(LEASE.total_seconds() / 60 + 1)
        got = hand_out(self.warehouse, self.options, annotator="last", wanted=SESSIONS)
        missing = [one for one in self.sessions if sum(labelled == one for _, labelled in self.labels) < self.overlap]
        assert sorted(got) == missing
        self.warehouse.close()


def _run(folder: Path, overlap: int, examples: int) -> None:
    case = type("HomedDesks", (Desks,), {"folder": folder, "overlap": overlap}).TestCase
    case.settings = hypothesis_settings(max_examples=examples, stateful_step_count=16, deadline=None)
    case("runTest").runTest()


def test_no_interleaving_hands_a_session_to_two_or_loses_one(tmp_path: Path) -> None:
    _run(tmp_path, overlap=1, examples=12)


def test_overlap_of_two_is_never_exceeded(tmp_path: Path) -> None:
    _run(tmp_path, overlap=2, examples=6)
