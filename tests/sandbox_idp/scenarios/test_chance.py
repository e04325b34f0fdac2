"""Seeded chance."""

from __future__ import annotations

import random
import string

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox_idp.scenarios.chance import strikes

CALLS = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 2**53),
        "entry": st.text(string.ascii_lowercase, min_size=1, max_size=8),
        "sign_in": st.none() | st.integers(1, 10**6),
        "method": st.sampled_from(["GET", "POST"]),
        "template": st.sampled_from(["/a", "/rs/prns/<id>", "/parts/policy"]),
        "asked": st.integers(1, 50),
    }
)


@settings(deadline=None, max_examples=60)
@given(call=CALLS, probability=st.floats(0.0001, 1))
def test_the_same_call_has_the_same_luck(call: dict[str, object], probability: float) -> None:
    assert strikes(probability, **call) == strikes(probability, **call)


@settings(deadline=None, max_examples=60)
@given(call=CALLS, low=st.floats(0.0001, 1), high=st.floats(0.0001, 1))
def test_a_higher_probability_strikes_wherever_a_lower_one_does(
    call: dict[str, object], low: float, high: float
) -> None:
    low, high = sorted((low, high))
    assert strikes(high, **call) or not strikes(low, **call)
    assert strikes(1.0, **call)


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 2**53), probability=st.floats(0.1, 0.9))
def test_over_many_sign_ins_it_strikes_as_often_as_told(seed: int, probability: float) -> None:
    """2,000 sign-ins, six standard deviations."""
    struck = sum(
        strikes(probability, seed=seed, entry="x", sign_in=number, method="GET", template="/a", asked=1)
        for number in range(1, 2001)
    )
    expected, deviation = 2000 * probability, (2000 * probability * (1 - probability)) ** 0.5
    assert abs(struck - expected) < 6 * deviation


def test_the_order_of_calls_does_not_matter_and_a_repeat_has_luck_of_its_own() -> None:
    calls = [(number, asked) for number in range(1, 40) for asked in (1, 2)]

    def luck(order: list[tuple[int, int]]) -> dict[tuple[int, int], bool]:
        return {
            (number, asked): strikes(0.5, seed=7, entry="x", sign_in=number, method="GET", template="/a", asked=asked)
            for number, asked in order
        }

    shuffled = calls[:]
    random.Random(1).shuffle(shuffled)
    first = luck(calls)
    assert luck(shuffled) == first
    assert any(first[number, 1] != first[number, 2] for number in range(1, 40))
