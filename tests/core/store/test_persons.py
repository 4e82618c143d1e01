"""An anonymous visitor becomes a user, with the history kept; two users are never mixed."""

from hypothesis import given, settings
from hypothesis import strategies as st

from core.settings import Settings
from core.store.person_queries import add_links, person_visitors
from core.store.warehouse import Warehouse


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
