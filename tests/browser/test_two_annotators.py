"""Two annotators at once, each in a browser of their own: never the same session, and it is said who has the rest."""

from urllib.parse import parse_qs, quote, urlparse

from playwright.sync_api import Page, expect

from tests.browser.chromium import wait_until_settled
from tests.browser.server import Server

LABELS = 8
WAIT_MS = 20_000
"""The labels of two people have to reach the disk and come back, on a busy machine too."""
SCORED_MS = 120_000
"""The sample shop's sessions are scored once its server is up."""
FEW = "SELECT session_id FROM sessions WHERE has_purchase AND event_count > 3 ORDER BY started_at, session_id LIMIT 3"


def _open(page: Page, server: Server, query: str) -> None:
    page.goto(f"{server.url}/label?{query}")
    wait_until_settled(page)


def _session(page: Page) -> str:
    """The session on the card, as its link names it."""
    href = page.locator(".labeler a[href*='session=']").first.get_attribute("href") or ""
    return parse_qs(urlparse(href).query)["session"][0]


def _label(page: Page, before: int) -> str:
    """Label the session on the card, which is this annotator's number `before`; which it was."""
    session = _session(page)
    page.keyboard.press("1")
    expect(page.locator(".labeler .done b").first).to_have_text(str(before + 1), timeout=WAIT_MS)
    return session


def _saved(page: Page) -> None:
    expect(page.get_by_text("Saved", exact=True)).to_be_visible(timeout=WAIT_MS)


def test_two_annotators_never_get_the_same_session(sample_server: Server, page: Page, other_page: Page) -> None:
    _open(page, sample_server, "annotator=nora&queue=random&gold=0")
    _open(other_page, sample_server, "annotator=omar&queue=random&gold=0")
    by_turns = [_label(one, number) for number in range(LABELS) for one in (page, other_page)]
    assert len({*by_turns}) == 2 * LABELS
    _saved(page)
    waiting = _session(page)
    page.reload()
    wait_until_settled(page)
    expect(page.locator(".labeler a[href*='session=']").first).to_be_visible(timeout=WAIT_MS)
    assert _session(page) == waiting
    second_tab = page.context.new_page()
    _open(second_tab, sample_server, "annotator=nora&queue=random&gold=0")
    assert not {_label(second_tab, LABELS + number) for number in range(3)} & {*by_turns, waiting}


def test_a_queue_held_by_somebody_else_says_so(sample_server: Server, page: Page, other_page: Page) -> None:
    query = f"queue=sql&sql={quote(FEW)}&gold=0&overlap=20"
    _open(page, sample_server, f"annotator=pia&{query}")
    first = _session(page)
    _open(other_page, sample_server, f"annotator=quin&{query.replace('overlap=20', 'overlap=1')}")
    expect(other_page.get_by_text("The rest is with somebody else")).to_be_visible(timeout=WAIT_MS)
    expect(other_page.get_by_text("pia has")).to_be_visible(timeout=WAIT_MS)
    expect(other_page.get_by_text("pia: 0 done")).to_be_visible(timeout=WAIT_MS)
    assert first


def test_a_queue_says_what_it_needs_and_what_is_wrong_with_it(sample_server: Server, page: Page) -> None:
    _open(page, sample_server, "annotator=rui")
    expect(page.get_by_text("Reading intents of all sessions")).to_have_count(0, timeout=SCORED_MS)
    _open(page, sample_server, "annotator=rui&queue=committee")
    expect(page.get_by_text("This queue needs two models")).to_be_visible(timeout=WAIT_MS)
    expect(page.get_by_test_id("stMain").get_by_role("link", name="Train")).to_be_visible(timeout=WAIT_MS)
    _open(page, sample_server, "annotator=rui&queue=sql&sql=SELECT+1")
    expect(page.get_by_text("expected session_id among them")).to_be_visible(timeout=WAIT_MS)
    _open(page, sample_server, "annotator=rui&queue=plain")  # the sample shop comes with kinds
    expect(page.get_by_text("Sessions of each kind of behaviour in turn")).to_be_visible(timeout=WAIT_MS)
    expect(page.locator(".labeler a[href*='session=']").first).to_be_attached(timeout=WAIT_MS)
