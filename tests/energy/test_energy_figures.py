"""Figures: closed kinds, correct totals, and a round trip through JSON data."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llenergymeasure.energy import (
    EnergyBreakdown,
    Measured,
    Method,
    Modelled,
    Reading,
    Scope,
    Unavailable,
    figure_from_dict,
    total,
)


def measured(energy_j=100.0, uncertainty_j=3.0, bound_j=9.0, device="GPU-a", **more):
    return Measured(
        energy_j=energy_j,
        uncertainty_j=uncertainty_j,
        bound_j=bound_j,
        method=Method.NVML_FIELD_83,
        scope=Scope.GPU,
        device=device,
        **more,
    )


MODELLED = Modelled(energy_j=5.0, model="busy", assumptions=("10 W",), scope=Scope.CPU_CORES, device="cpu")
GONE = Unavailable(reason="the GPU is lost", hint="Restart.", scope=Scope.GPU, device="GPU-b")
FULL = measured(
    period_s=0.1,
    begin=Reading(value=1.0, unit="mJ", at_s=0.0),
    end=Reading(value=2.0, unit="mJ", at_s=1.0),
    flags=("boundaries-immediate",),
)


def test_a_total_of_measured_parts_adds_uncertainties_in_quadrature_and_bounds_outright():
    whole = total([measured(), measured(uncertainty_j=4.0, bound_j=1.0, device="GPU-b")])
    assert isinstance(whole, Measured)
    assert (whole.energy_j, whole.uncertainty_j, whole.bound_j) == (200.0, 5.0, 10.0)
    assert whole.method is Method.SUM


def test_a_total_with_a_model_in_it_is_modelled_and_states_the_assumptions():
    whole = total([measured(), MODELLED])
    assert isinstance(whole, Modelled)
    assert whole.energy_j == 105.0
    assert "cpu: 10 W" in whole.assumptions
    assert "GPU-a: measured (nvml-field-83)" in whole.assumptions


@pytest.mark.parametrize("others", [[], [measured()], [measured(), MODELLED]])
def test_a_total_with_a_part_missing_is_unavailable_and_names_it(others):
    whole = total([*others, GONE])
    assert isinstance(whole, Unavailable)
    assert whole.reason == "GPU-b: the GPU is lost"
    assert whole.hint == "Restart."


def test_a_total_of_nothing_is_unavailable_not_zero():
    assert isinstance(total([]), Unavailable)


@pytest.mark.parametrize("figure", [measured(), FULL, MODELLED, GONE])
def test_a_figure_survives_the_way_to_json_data_and_back(figure):
    assert figure_from_dict(json.loads(json.dumps(figure.to_dict()))) == figure


@pytest.mark.parametrize(
    "data", [{}, {"kind": "guessed"}, {"kind": "unavailable"}, {**GONE.to_dict(), "energy_j": 0}]
)
def test_other_data_is_refused(data):
    with pytest.raises(ValueError, match="energy figure"):
        figure_from_dict(data)


def test_no_relative_uncertainty_without_energy():
    assert math.isinf(measured(energy_j=0.0).relative_uncertainty)


positive = st.floats(min_value=0, max_value=1e9)


@given(st.lists(st.tuples(positive, positive, positive), min_size=1, max_size=8))
def test_a_total_is_never_more_certain_than_its_least_certain_part(parts):
    whole = EnergyBreakdown.of([measured(*part, device=str(i)) for i, part in enumerate(parts)]).total
    assert isinstance(whole, Measured)
    assert whole.uncertainty_j >= max(uncertainty for _, uncertainty, _ in parts) * (1 - 1e-9)
    assert whole.energy_j == pytest.approx(sum(energy for energy, _, _ in parts))
