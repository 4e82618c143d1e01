"""What `intentlens evaluate --against` says to people."""

from app.cli.disagreement import disagreement_words

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
}


def test_agreement_matrix_and_the_furthest_sessions_are_told() -> None:
    heading, matrix, furthest = disagreement_words(TOLD)
    assert "4 sessions that both held out: same answer in 50.0% (25.0% to 75.0%), Cohen's kappa -" in heading
    assert len(matrix.splitlines()) == 3
    assert "s1" in furthest
    assert "0.90" in furthest
    assert len(disagreement_words(TOLD | {"furthest": []})) == 2


def test_without_a_common_session_the_way_to_one_is_told() -> None:
    (words,) = disagreement_words({"model_id": "b", "first": "a", "sessions": 0})
    assert "intentlens score" in words
    assert disagreement_words({}) == []
