"""What the schema of the installed release promises about all parameters, and about some by name."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from codegen.model import lock
from codegen.model.schema import ROLES, Field, Param, Schema
from codegen.model.type_paths import leaves
from codegen.model.type_text import text
from codegen.model.types import ListOf, Opaque, Scalar, admits
from codegen.model.values import PlainValue
from codegen.render import phrases
from codegen.render.module import shown_default
from codegen.review import coverage, overrides
from tests.codegen import places, releases


@pytest.fixture(scope="module")
def schema(refreshed: Path) -> Schema:
    """The schema of the installed release."""
    return lock.load(refreshed / places.LOCK)


def _param(schema: Schema, name: str) -> Param:
    found = schema.param(name)
    assert found is not None
    return found


# Type, default and bounds; and those bounds that are tightenings, which transformers does not check.
BY_NAME: dict[str, tuple[str, PlainValue, tuple[str, ...], tuple[str, ...]]] = {
    "guidance_scale": ("float | None", None, (">= 1",), (">= 1",)),
    "low_memory": ("bool", False, (), ()),
    "exponential_decay_length_penalty": ("tuple[int, float] | None", None, ("[0] >= 0", "[1] > 0"), ("[0] >= 0", "[1] > 0")),
    "diversity_penalty": ("float", 0.0, (">= 0",), (">= 0",)),
    "encoder_repetition_penalty": ("float", 1.0, (">= 1",), (">= 1",)),
    "typical_p": ("float", 1.0, ("> 0", "<= 1"), ("<= 1",)),
    "epsilon_cutoff": ("float", 0.0, (">= 0", "<= 1"), (">= 0", "<= 1")),
    "eta_cutoff": ("float", 0.0, (">= 0", "<= 1"), (">= 0", "<= 1")),
}  # fmt: skip


@pytest.mark.parametrize("name", BY_NAME)
def test_the_type_default_and_bounds_of_a_parameter(schema: Schema, name: str) -> None:
    shape, default, bounds, tightened = BY_NAME[name]
    param = _param(schema, name)
    assert text(param.type, takes_none=param.takes_none) == shape
    assert repr(shown_default(param)) == repr(default)
    assert phrases.constraints(param.type) == bounds
    tightenings = {each.what for each in param.tightenings}
    assert {bound for bound in bounds if bound in tightenings} == set(tightened)


@pytest.mark.parametrize("name", ["low_memory", "diversity_penalty"])
def test_deprecated_parameters_are_kept_marked_and_say_why(schema: Schema, name: str) -> None:
    deprecation = _param(schema, name).deprecation
    assert deprecation is not None
    assert deprecation.note
    assert "eprecated" in phrases.described(_param(schema, name))
    assert "eprecated" in phrases.documentation(_param(schema, name), schema)


def test_all_parameters_are_typed_described_and_have_a_role(schema: Schema) -> None:
    found = coverage.measure(schema)
    assert found.percent == 100.0
    for param in schema.params:
        assert param.role in ROLES, param.name
        assert param.role_reason, param.name
        assert 0 < len(param.description) <= overrides.LONGEST_DESCRIPTION, param.name


def _all_fields(schema: Schema) -> list[tuple[str, Field]]:
    nested = [(f"{model.name}.{field.name}", field) for model in schema.nested for field in model.fields]
    return [*((param.name, param) for param in schema.params), *nested]


def test_no_type_is_opaque_and_every_test_value_is_of_its_type(schema: Schema) -> None:
    for name, field in _all_fields(schema):
        assert not [leaf for _, leaf in leaves(field.type) if isinstance(leaf, Opaque)], name
        for value in field.test_values:
            assert (value is None and field.takes_none) or admits(field.type, value), (name, value)


def test_test_values_stand_on_both_sides_of_each_boundary(schema: Schema) -> None:
    """Those of plain numbers: at the boundary where it is inside, and away from it."""
    for name, field in _all_fields(schema):
        if not isinstance(field.type, Scalar) or field.type.kind not in ("int", "float"):
            continue
        for bound in field.type.bounds:
            step = 1 if field.type.kind == "int" else 0
            edge = bound.limit if "=" in bound.op else bound.limit + (step if bound.is_lower else -step)
            assert edge in field.test_values or bound.limit in (edge, None), (name, bound)
            assert [value for value in field.test_values if value is not None and value != edge], name


def test_what_yaml_can_write(schema: Schema) -> None:
    assert text(_param(schema, "bad_words_ids").type) == "list[list[int]]"
    assert text(_param(schema, "sequence_bias").type).startswith("dict[list[int], float]")
    assert isinstance(_param(schema, "suppress_tokens").type, ListOf)
    assert {model.parameter for model in schema.nested} == {
        "compile_config",
        "watermarking_config",
        "cache_config",
        "continuous_batching_config",
    }


def test_no_sentence_of_upstream_is_in_the_generated_files(refreshed: Path) -> None:
    """No nine words in a row of its documentation are in any file."""

    def runs(words: list[str]) -> set[tuple[str, ...]]:
        return {tuple(words[at : at + 9]) for at in range(len(words) - 8)}

    def plain(text: str) -> list[str]:
        return "".join(letter if letter.isalnum() else " " for letter in text.lower()).split()

    tree = releases.library(places.SUPPORTED[-1]).module("generation/configuration_utils.py").tree
    documented = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef | ast.FunctionDef)]
    upstream = {run for node in documented for run in runs(plain(ast.get_docstring(node) or ""))}
    assert len(upstream) > 5000
    for path in places.GENERATED:
        ours = runs(plain((refreshed / path).read_text(encoding="utf-8")))
        assert not {" ".join(run) for run in ours & upstream}, path


def test_every_condition_with_a_name_appears_in_the_rules_once(refreshed: Path, schema: Schema) -> None:
    written = (refreshed / places.ENGINE.rules_module).read_text(encoding="utf-8")
    assert schema.conditions
    for name in schema.conditions:
        assert len(re.findall(rf"^{name} = ", written, re.MULTILINE)) == 1, name
        assert len(re.findall(rf"\b{name}\b", written)) > 2, name


@pytest.mark.parametrize("path", places.MODULES)
def test_the_modules_pass_the_linter(refreshed: Path, path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--stdin-filename", str(path), "-"],
        cwd=places.ROOT,
        input=(refreshed / path).read_text(encoding="utf-8"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_nothing_volatile_is_in_the_generated_files(refreshed: Path) -> None:
    for path in places.GENERATED:
        found = (refreshed / path).read_text(encoding="utf-8")
        for place in (str(places.ROOT), str(Path.home()), sys.prefix):
            assert place not in found, path
        assert not re.search(r"\.py:\d", found), path
