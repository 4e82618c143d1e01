"""What `intentlens evaluate --against` says to people."""

from app.cli.disagreement import disagreement_words

ROW = {"name": "oak", "first": 0.1, "second": -0.05, "value": 0.15, "low": 0.1, "high": 0.2, "adjusted_p": 0.001}
STUDY = {
    "unstudied": [],
    "methods": ["integrated_gradients"] * 2,
    "differences": {"word": {"deal": [ROW, ROW | {"name": "elm", "adjusted_p": 0.2}]}},
}
SCORE = {"value": 0.5, "low": 0.25, "high": 0.75, "n": 4}
TOLD = {
    "model_id": "b",
    "first": "a",
    "source": "held_out",
    "sessions": 4,
    "agreement": SCORE,
    "kappa": SCORE | {"value": float("nan")},
    "intents": ["browse", "deal"],
    "confusion": [[1, 1], [1, 1]],
    "furthest": [{"session_id": "s1", "first": "browse", "second": "deal", "divergence": 0.9}],
    "study": STUDY,
}


def test_agreement_matrix_and_the_furthest_sessions_are_told() -> None:
    heading, matrix, furthest, speaking = disagreement_words(TOLD)
    assert "4 sessions that both held out: same answer in 50.0% (25.0% to 75.0%), Cohen's kappa -" in heading
    assert len(matrix.splitlines()) == 3
    assert "s1" in furthest
    assert "0.90" in furthest
    assert len(disagreement_words(TOLD | {"furthest": []})) == 3
    assert "word oak" in speaking
    assert "+0.150" in speaking
    assert "elm" not in speaking, "it may be chance"


def test_without_a_common_session_the_way_to_one_is_told() -> None:
    words, _ = disagreement_words({"model_id": "b", "first": "a", "sessions": 0, "study": STUDY})
    assert "intentlens score" in words
    assert disagreement_words({}) == []


def test_why_nothing_is_compared_is_told() -> None:
    assert "Not studied yet: b" in disagreement_words(TOLD | {"study": STUDY | {"unstudied": ["b"]}})[-1]
    methods = ["integrated_gradients", "shapley_sampling"]
    assert "different methods" in disagreement_words(TOLD | {"study": STUDY | {"methods": methods}})[-1]
    assert "no difference beyond chance" in disagreement_words(TOLD | {"study": STUDY | {"differences": {}}})[-1]
