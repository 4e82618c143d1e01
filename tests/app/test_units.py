"""Numbers as people say them."""

import pytest

from app.units import points, signed


@pytest.mark.parametrize(
    ("value", "digits", "said"),
    [(0.31, 1, "+0.3"), (-1.0, 1, "−1.0"), (-0.004, 2, "0.00"), (0.0, 1, "0.0"), (-0.0004, 3, "0.000")],
)
def test_a_signed_number_has_a_true_minus_and_zero_no_sign(value: float, digits: int, said: str) -> None:
    assert signed(value, digits) == said


def test_points_are_hundredths_of_a_probability() -> None:
    assert points(-0.126) == "−12.6"
    assert points(0.00049, 2) == "+0.05"
