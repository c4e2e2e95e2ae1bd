"""Two records side by side: ratios, what differs, and when they may not be compared."""

import math
from dataclasses import replace
from typing import Any

import pytest
from record_specimen import CONDITIONS, NO_OUTPUT, UNAVAILABLE, joules, modelled, record, window, work

from llenergymeasure.energy.conditions import Range
from llenergymeasure.energy.figures import Method
from llenergymeasure.results.compare import Comparison, compare
from llenergymeasure.results.record import Record
from llenergymeasure.results.render_comparison import render_comparison

BASE = record()
INTEGRATED = replace(joules(1300.0), method=Method.NVML_POWER_INTEGRAL)
INVALIDATING = NO_OUTPUT.model_copy(update={"invalidates": True})


def scaled(factor: float, **changed: Any) -> Record:
    """The record with other joules, and with another temperature, so that it is not the same work."""
    other = {"generation": {"temperature": 0.9, "do_sample": False}, "canonical": {"temperature": 0.9}}
    figures: list[Any] = [joules(factor * energy_j) for energy_j in (1200.0, 1212.0, 1188.0, 1206.0, 1194.0)]
    return record(**({"windows": work(figures)} | other | changed))


def ids(comparison: Comparison) -> list[str]:
    return [warned.id for warned in comparison.warnings]


@pytest.mark.parametrize(
    ("factor", "answer"),
    [
        (1.1, "10.0% more gross energy per output token than the base, in these two runs"),
        (0.9, "10.0% less gross energy per output token than the base, in these two runs"),
        (1.001, "no difference in gross energy per output token is found between these two runs"),
    ],
)
def test_the_answer_says_how_much_more_or_less(factor: float, answer: str) -> None:
    comparison = compare(BASE, scaled(factor))
    ratio = comparison.quantities[0].ratio
    assert ratio is not None
    assert ratio.value == pytest.approx(factor)
    assert comparison.distinguishable == (factor != 1.001)
    assert render_comparison(comparison).splitlines()[0].startswith(f"answer        {answer} (p = ")
    assert comparison.warnings == ()


def test_net_ratios_leave_idle_out_and_carry_its_uncertainty() -> None:
    gross, net = compare(BASE, scaled(1.1)).quantities[:2]
    assert gross.ratio is not None
    assert net.ratio is not None
    assert net.ratio.value == pytest.approx((1.1 * 120 - 40) / 80, rel=1e-3)
    assert (net.base, net.other) == (pytest.approx(4 / 3), pytest.approx(2.2 - 2 / 3))


def test_time_and_tokens_per_second_are_compared_too() -> None:
    slower = record(
        windows=tuple(
            window("work", number, joules(1200.0), length_s=20.0 + 0.1 * number) for number in range(1, 6)
        )
    )
    faster = record(
        windows=tuple(
            window("work", number, joules(1200.0), length_s=10.0 + 0.1 * number) for number in range(1, 6)
        )
    )
    time, rate = compare(slower, faster).quantities[4:]
    assert time.ratio is not None
    assert rate.ratio is not None
    assert time.ratio.value == pytest.approx(1 / rate.ratio.value)
    assert rate.ratio.value == pytest.approx(2, rel=0.02)


@pytest.mark.parametrize(
    ("change", "warned"),
    [
        ({"findings": (INVALIDATING,)}, "invalid"),
        ({"status": "interrupted"}, "invalid"),
        ({"plan": BASE.plan.model_copy(update={"quick": True})}, "quick"),
        ({"devices": (BASE.devices[0].model_copy(update={"device": "GPU-b"}),)}, "other-device"),
        ({"windows": work([INTEGRATED] * 3 + [joules(1300.0)] * 2)}, "other-sensor"),
        ({"windows": work([modelled(1300.0)] * 5)}, "other-sensor"),
        ({"versions": BASE.versions.model_copy(update={"nvidia_driver": "560"})}, "other-driver"),
        ({"model": BASE.model.model_copy(update={"name": "owner/name"})}, "other-model"),
        ({"model": BASE.model.model_copy(update={"commit": "abc"})}, "other-model"),
        ({"workload": BASE.workload.model_copy(update={"prompts_digest": "1" * 16})}, "other-workload"),
        ({"canonical": BASE.canonical}, "same-configuration"),
    ],
)
def test_warnings_against_comparing(change: dict[str, Any], warned: str) -> None:
    comparison = compare(BASE, scaled(1.1, **change))
    assert ids(comparison) == [warned]
    assert f"WARNING       {warned}: " in render_comparison(comparison)


def test_settings_with_the_same_canonical_form_are_the_same_configuration() -> None:
    """One sets what the other leaves to a default."""
    explicit = {**BASE.effective, "pytorch": {"temperature": 0.7, "do_sample": False}}
    assert ids(compare(BASE, record(effective=explicit))) == ["same-configuration"]


def test_conditions_that_changed_are_listed() -> None:
    warmer = replace(CONDITIONS, temperature_c=Range(low=60, mean=70, high=80))
    windows = tuple(one.model_copy(update={"conditions": (warmer,)}) for one in work())
    (changed,) = compare(BASE, scaled(1.1, windows=windows)).conditions
    assert (changed.path, changed.base, changed.other) == ("temperature_c", 50, 70)


def test_what_differs_is_listed_by_path() -> None:
    other = scaled(
        1.1,
        effective={**BASE.effective, "pytorch": {"temperature": 0.9, "top_k": 5}},
        versions=BASE.versions.model_copy(update={"libraries": {"transformers": "5", "torch": "3"}}),
    )
    comparison = compare(BASE, other)
    changed = {change.path: (change.base, change.other) for change in comparison.configuration}
    assert changed == {
        "pytorch.temperature": (0.7, 0.9),
        "pytorch.top_k": (None, 5),
        "generation.temperature": (0.7, 0.9),
    }
    assert {change.path for change in comparison.conditions} == {"versions.libraries.torch"}
    text = render_comparison(comparison)
    assert "pytorch.top_k: not set -> 5" in text
    assert 'versions.libraries.torch: "2" -> "3"' in text


@pytest.mark.parametrize(
    ("windows", "missing"),
    [
        (work([UNAVAILABLE] * 5), "not known of the other"),
        (work([joules(1200.0)]), "the other has one window only, whose spread is not known"),
        (
            work([joules(1200.0), joules(0.0), joules(1200.0)]),
            "a window of the other has a value that is not above 0",
        ),
        (work([modelled(1200.0)] * 5), "measured in the base only, and modelled in the other"),
    ],
)
def test_energy_that_cannot_be_compared_says_why(windows: Any, missing: str) -> None:
    comparison = compare(BASE, record(windows=windows))
    assert comparison.quantities[0].ratio is None
    assert comparison.quantities[0].missing == missing


def test_without_energy_the_answer_is_about_time() -> None:
    def timed(length_s: float) -> Record:
        lengths = [length_s + 0.01 * number for number in range(5)]
        return record(windows=tuple(window("work", 1, UNAVAILABLE, length_s=each) for each in lengths))

    comparison = compare(timed(10), timed(12))
    assert comparison.headline is not None
    assert comparison.headline.name == "time per request"
    assert comparison.distinguishable is True
    assert render_comparison(comparison).startswith("answer        20.0% more time per request than the base")
    nothing = compare(record(windows=()), BASE)
    assert (nothing.headline, nothing.distinguishable) == (None, None)


def test_the_answer_says_why_there_is_none() -> None:
    """Seven windows against one: everything is known of both, and nothing of the one window's spread."""
    single = render_comparison(compare(BASE, record(windows=work([joules(1200.0)]))))
    assert single.startswith("answer        not comparable: the other has one window only")
    assert "1.2 J -> 1.2 J" not in single.splitlines()[0]
    nothing = render_comparison(compare(record(windows=()), BASE))
    assert nothing.startswith("answer        not comparable: no quantity is known of both")


def test_what_the_intervals_cover_and_do_not_is_said_every_time() -> None:
    text = render_comparison(compare(BASE, scaled(1.1)))
    assert "covers how windows differ within each run, and what the sensors leave open" in text
    assert "does not cover what changes from one run to the next" in text
    assert "one after the other cannot distinguish such a drift from a difference" in text


def test_other_numbers_of_tokens_are_shown_and_warned_of() -> None:
    """Half the energy per token, only because twice as many tokens share the prompt."""
    longer = tuple(
        one.model_copy(update={"tokens": one.tokens.model_copy(update={"output": 1200})})
        if one.tokens
        else one
        for one in work()
    )
    comparison = compare(BASE, scaled(1.0, windows=longer))
    assert ids(comparison) == ["other-length"]
    text = render_comparison(comparison)
    assert "tokens        per request: 50 -> 50 in, 75 -> 150 out" in text
    assert "A request has 75 output tokens in the base and 150 in the other." in text


@pytest.mark.parametrize(
    ("base", "other", "cancels"),
    [
        ("integral", "integral", True),
        ("counter", "integral", False),
        ("integral", "integral on another card", False),
    ],
)
def test_a_power_sensors_gain_cancels_between_runs_on_the_same_sensor_only(
    base: str, other: str, cancels: bool
) -> None:
    """Windows that hardly differ, 3 % apart, by a power sensor that may be off by 5 %."""

    def made(kind: str, factor: float) -> Record:
        figures: list[Any] = [joules(factor * each) for each in (1200.0, 1200.1, 1199.9, 1200.05, 1199.95)]
        if kind != "counter":
            figures = [
                replace(
                    figure, method=Method.NVML_POWER_INTEGRAL, shared_uncertainty_j=0.05 * figure.energy_j
                )
                for figure in figures
            ]
        card = BASE.devices[0].model_copy(update={"device": "GPU-b"} if "another" in kind else {})
        return record(windows=work(figures), devices=(card,), canonical={"temperature": factor})

    ratio = compare(made(base, 1.0), made(other, 1.03)).quantities[0].ratio
    assert ratio is not None
    assert ratio.distinguishable == cancels
    if not cancels:
        assert math.log(ratio.high / ratio.value) > 1.96 * 0.05


def test_modelled_joules_are_marked_and_get_no_verdict() -> None:
    made = [record(windows=work([modelled(each)] * 5), canonical={"top_k": each}) for each in (1000, 1300)]
    comparison = compare(*made)
    energy = comparison.quantities[0]
    assert (energy.name, energy.is_modelled) == ("modelled gross energy per output token", True)
    assert comparison.headline is not None
    assert comparison.headline.name == "time per request"
    text = render_comparison(comparison)
    assert "modelled" not in text.splitlines()[0]
    assert all("modelled" in line for line in text.splitlines() if "gross energy" in line)
