"""codegen.render.docs_page: the page of every parameter, by energy role."""

from codegen.model.schema import ROLES
from codegen.render import docs_page
from tests.codegen.small_schema import SCHEMA

PAGE = docs_page.page(SCHEMA)


def _titles() -> list[str]:
    return [line.removeprefix("## ") for line in PAGE.splitlines() if line.startswith("## ")]


def _section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_roles_come_in_their_order_and_only_those_that_are_used() -> None:
    titles = _titles()
    used = [role for role in ROLES if any(param.role == role for param in SCHEMA.params)]
    assert titles[: len(used) + 1] == [*used, "undecided"]


def test_every_parameter_has_one_row_under_its_role() -> None:
    for param in SCHEMA.params:
        rows = [
            title
            for title in _titles()
            for line in _section(title).splitlines()
            if line.startswith(f"| `{param.name}` |")
        ]
        assert rows == [param.role or "undecided", *(["Tightenings"] if param.tightenings else [])]


def test_a_row_shows_type_default_and_description() -> None:
    assert (
        "| `max_length` | int | 20 | What max_length does. Range: &gt; 0. | It changes the work. |\n" in PAGE
    )
    assert "| `early` | bool \\| Literal\\['never'\\] | False |" in PAGE
    assert "| `copy` | int | 0 |" in PAGE  # its own name, not the field's
    assert "| `keys` | list\\[int\\] | required | What keys does. |\n" in PAGE


def test_tightenings_have_a_table_of_their_own() -> None:
    table = _section("Tightenings")
    assert "| every parameter | numbers are numbers | A text is a mistake. |\n" in table
    assert "| `decay` | \\[0\\] &gt;= 0 | No such start. |\n" in table


def test_rules_have_a_table_for_each_effect() -> None:
    refused = _section("Combinations that are refused")
    assert (
        "| `early-needs-length` | `early`, `max_length` | `early == 'never' and max_length < 2` |"
        " one token cannot end early; set early=False |\n"
    ) in refused
    assert "| `greedy-ignores-temperature` | `temperature` | `not do_sample` |" in _section(
        "Settings that have no effect"
    )
    needs = _section("Settings that need something")
    assert (
        "| `mark-needs-a-gpu` | `mark` | always needs `device.type == 'cuda'` | it needs a GPU |\n" in needs
    )
    assert "| `bad with words` | rule bad-needs-vocabulary | It is a mistake. |\n" in _section("Tightenings")


def test_the_count_and_the_release_are_shown() -> None:
    assert "GENERATED from transformers 2.3.0 by `python -m codegen refresh`" in PAGE
    assert f"These are the {len(SCHEMA.params)} fields" in PAGE
