"""What extraction reads in each supported release is what that release's own class says."""

import pytest

from codegen.model.values import PlainValue
from tests.codegen import expectations, places, releases


def _as_data(value: PlainValue) -> object:
    return [_as_data(each) for each in value] if isinstance(value, tuple) else value


def _texts(values: dict[str, object]) -> dict[str, str]:
    return {name: repr(value) for name, value in values.items()}  # repr tells 1 from 1.0 from True


@pytest.mark.parametrize("version", places.SUPPORTED)
def test_the_names_are_those_of_the_real_class(version: str) -> None:
    found = [param.name for param in releases.facts(version).params]
    assert sorted(found) == sorted(releases.real(version)["declared"])
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("version", places.SUPPORTED)
def test_the_declared_defaults_are_those_of_the_real_class(version: str) -> None:
    found = {param.name: _as_data(param.declared_default) for param in releases.facts(version).params}
    assert _texts(found) == _texts(releases.real(version)["declared"])


@pytest.mark.parametrize("version", places.SUPPORTED)
def test_the_effective_defaults_are_those_of_the_real_class(version: str) -> None:
    found = {param.name: _as_data(param.effective_default) for param in releases.facts(version).params}
    assert _texts(found) == _texts(releases.real(version)["effective"])
    assert releases.real(version)["unknown"] == []


@pytest.mark.parametrize("version", places.SUPPORTED)
def test_no_default_is_refused(version: str) -> None:
    """Five of them fail their processor's constructor, and live only because of the gate before it."""
    for param in releases.facts(version).params:
        default = param.effective_default
        if isinstance(default, int | float) and not isinstance(default, bool):
            assert default in param.accepted, param.name
        if default is None:
            assert param.takes_none, param.name
        elif param.choices is not None and param.choices_proved:
            assert default in param.choices.values, param.name


RANGES = {
    "temperature": ("> 0",),
    "top_k": (">= 0",),
    "top_p": (">= 0",),  # above 1 the gate skips the processor
    "min_p": (">= 0", "<= 1"),
    "typical_p": ("> 0",),  # 1.0 and above are skipped
    "repetition_penalty": ("> 0",),
    "encoder_repetition_penalty": ("> 0",),
    "epsilon_cutoff": (),  # the gate lets through only what the constructor takes
    "eta_cutoff": (),
    "no_repeat_ngram_size": (),
    "encoder_no_repeat_ngram_size": (),
    "min_length": (),
    "min_new_tokens": (),
    "guidance_scale": (),
    "max_new_tokens": ("> 0",),  # validate
}


@pytest.mark.parametrize("version", places.SUPPORTED)
@pytest.mark.parametrize("name", RANGES)
def test_ranges_are_the_checks_behind_their_gates(version: str, name: str) -> None:
    [found] = [param for param in releases.facts(version).params if param.name == name]
    assert tuple(map(str, found.accepted.bounds() or ())) == RANGES[name]


@pytest.mark.parametrize("version", places.SUPPORTED)
def test_names_that_only_some_releases_have(version: str) -> None:
    found = {param.name for param in releases.facts(version).params}
    assert found & expectations.WATCHED == set(expectations.of(version).params)


def test_every_expectation_is_of_a_supported_release() -> None:
    assert {path.stem for path in expectations.FOLDER.iterdir()} == set(places.SUPPORTED)


@pytest.mark.parametrize("version", places.SUPPORTED)
def test_every_fact_says_where_it_came_from(version: str) -> None:
    library = releases.library(version)
    found = releases.facts(version)
    for each in (*found.params, *(field for model in found.nested for field in model.fields)):
        assert each.origins
        for origin in each.origins:
            assert library.find(origin.symbol) is not None, (each.name, origin)
