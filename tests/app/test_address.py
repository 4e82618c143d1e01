"""Choices in the address: none is lost, links decide, what is usual takes no room."""

from streamlit.testing.v1 import AppTest


def _page() -> None:
    from app.address import kept_choice, kept_number

    kept_choice("queue", "Queue", ["random", "entropy", "margin"], str)
    kept_number("share", "Share", 20, 0, 100)


def _run(**address: str) -> AppTest:
    page = AppTest.from_function(_page, default_timeout=60)
    for name, value in address.items():
        page.query_params[name] = value
    return page.run()


def test_every_choice_counts_and_not_only_every_second() -> None:
    page = _run()
    for choice in ("entropy", "margin", "random", "margin"):
        page.selectbox[0].select(choice).run()
        assert page.selectbox[0].value == choice
        assert page.query_params.get("queue", "random") == choice
    for share in (30, 40, 20):
        page.number_input[0].set_value(share).run()
        assert page.number_input[0].value == share


def test_the_address_decides_where_it_says_something_new() -> None:
    page = _run(queue="margin", share="35")
    assert (page.selectbox[0].value, page.number_input[0].value) == ("margin", 35)
    page.selectbox[0].select("entropy").run()
    page.query_params["queue"] = "margin"
    page.run()
    assert page.selectbox[0].value == "margin"


def test_what_an_address_cannot_mean_is_the_usual_choice() -> None:
    page = _run(queue="nonsense", share="1000")
    assert (page.selectbox[0].value, page.number_input[0].value) == ("random", 100)
    assert "queue" not in page.query_params
    for odd in ("²", "9" * 5000, "-1"):
        page = _run(share=odd)
        assert not page.exception
        assert page.number_input[0].value == 20
