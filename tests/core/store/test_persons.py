"""An anonymous visitor becomes a user, with the history kept; two users are never mixed."""

import random
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from core.settings import Settings
from core.store.event_queries import list_visitors
from core.store.ingest_queries import append_events
from core.store.person_queries import PersonVisitor, add_links, person_visitors, visitors_of_person
from core.store.warehouse import Warehouse
from tests.core.store.rows import START, event, table


def _link(warehouse: Warehouse, *links: tuple[str, str]) -> None:
    warehouse.write(lambda cursor: add_links(cursor, links))


def test_a_visitor_and_the_user_it_became_are_one_person(warehouse: Warehouse) -> None:
    _link(warehouse, ("anonymous-1", "ada"), ("anonymous-2", "ada"))
    for visitor in ("anonymous-1", "anonymous-2", "ada"):
        assert person_visitors(warehouse, visitor) == ["ada", "anonymous-1", "anonymous-2"]
    assert person_visitors(warehouse, "stranger") == ["stranger"]


def test_the_first_user_on_a_shared_computer_stays_its_person(warehouse: Warehouse) -> None:
    _link(warehouse, ("computer", "ada"))
    _link(warehouse, ("computer", "bob"))
    assert person_visitors(warehouse, "bob") == ["bob"]
    assert person_visitors(warehouse, "computer") == ["ada", "computer"]


def test_a_user_renamed_takes_everybody_along(warehouse: Warehouse) -> None:
    _link(warehouse, ("anonymous", "ada"))
    _link(warehouse, ("ada", "ada@shop.example"))
    assert person_visitors(warehouse, "anonymous") == ["ada", "ada@shop.example", "anonymous"]
    _link(warehouse, ("ada@shop.example", "anonymous"))  # a circle says nothing new
    assert person_visitors(warehouse, "anonymous") == ["ada", "ada@shop.example", "anonymous"]


NAMES = st.sampled_from("abcdefg")


def test_persons_never_overlap(tmp_path_factory) -> None:
    warehouse = Warehouse.open(Settings(home=tmp_path_factory.mktemp("persons"), sample_shop=False))

    @settings(deadline=None, max_examples=25)
    @given(st.lists(st.tuples(NAMES, NAMES), max_size=12))
    def check(links: list[tuple[str, str]]) -> None:
        warehouse.write(lambda cursor: cursor.execute("DELETE FROM person_links").fetchall())
        for link in links:
            _link(warehouse, link)
        persons = [tuple(person_visitors(warehouse, name)) for name in "abcdefg"]
        for name, person in zip("abcdefg", persons, strict=True):
            assert name in person
            assert all(persons["abcdefg".index(other)] == person for other in person)

    check()
    warehouse.close()


TREES = st.lists(st.integers(0, 99), min_size=1, max_size=6)


def test_links_that_say_one_thing_each_make_the_same_person_in_any_order(tmp_path_factory) -> None:
    """Each visitor but the first turned out to be one of those before it: chains, stars and what lies between."""
    warehouse = Warehouse.open(Settings(home=tmp_path_factory.mktemp("orders"), sample_shop=False))

    @settings(deadline=None, max_examples=25)
    @given(TREES, st.randoms(use_true_random=False))
    def check(parents: list[int], chance: random.Random) -> None:
        warehouse.write(lambda cursor: cursor.execute("DELETE FROM person_links").fetchall())
        links = [(f"v{place + 1}", f"v{parent % (place + 1)}") for place, parent in enumerate(parents)]
        others = [("w1", "w0"), ("w2", "w1")]
        for link in chance.sample([*links, *others], len(links) + 2):
            _link(warehouse, link)
        everybody = [f"v{place}" for place in range(len(parents) + 1)]
        assert all(person_visitors(warehouse, one) == everybody for one in everybody)
        assert person_visitors(warehouse, "w1") == ["w0", "w1", "w2"]

    check()
    warehouse.close()


def test_what_there_is_of_each_visitor_of_a_person(warehouse: Warehouse) -> None:
    append_events(warehouse, table(event(1, visitor="a"), event(2, visitor="a", minutes=90), event(3, visitor="other")))
    _link(warehouse, ("a", "ada"), ("b", "ada"))
    seen = PersonVisitor("a", 2, 2, START, START + timedelta(minutes=90))
    unseen = [PersonVisitor(name, 0, 0, None, None) for name in ("ada", "b")]
    assert visitors_of_person(warehouse, "b") == [seen, *unseen]


def test_a_visitor_is_found_by_any_id_of_its_person(warehouse: Warehouse) -> None:
    append_events(warehouse, table(event(1, visitor="a1"), event(2, visitor="b2"), event(3, visitor="c3")))
    _link(warehouse, ("a1", "ada"), ("b2", "ada"), ("c3", "cem"))
    for search in ("ADA", "a1", "b2"):
        assert sorted(list_visitors(warehouse, search=search)["visitor_id"]) == ["a1", "b2"]
    assert list_visitors(warehouse, search="cem")["visitor_id"].tolist() == ["c3"]
    assert len(list_visitors(warehouse)) == 3
