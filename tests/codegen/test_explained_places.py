"""codegen explain: the place of every claim is in the entry of the argument that it is about."""

import re

import pytest

from codegen.cli import explain
from codegen.review import pipeline
from tests.codegen import places

CLAIM = re.compile(r"codegen/engines/transformers/overrides\.toml:(\d+)  ")


@pytest.fixture(scope="module")
def reading() -> pipeline.Reading:
    return pipeline.read(places.ENGINE, None, places.ROOT)


def test_the_place_of_every_claim(reading: pipeline.Reading) -> None:
    """Many claims give the same reason in the same words, so the reason alone does not find the line."""
    lines = places.OVERRIDES.read_text(encoding="utf-8").splitlines()
    seen = 0
    rules: set[str] = set()
    names = [param.name for param in reading.schema.params]
    names += [f"{model.parameter}.{field.name}" for model in reading.schema.nested for field in model.fields]
    for name in names:
        for line in explain.explain(reading, name).splitlines():
            if "codegen/engines/transformers/overrides.toml" not in line:
                continue
            found = CLAIM.search(line)
            assert found, f"{name}: no line number in {line!r}"
            above = lines[: int(found.group(1))]
            header = next(each for each in reversed(above) if each.startswith("["))
            entry = header.strip("[]").removesuffix(".claims")
            if entry == "rules":
                named = next(each for each in reversed(above) if each.startswith("id = "))
                assert f"rule {named[6:-1]}: " in line, f"{line!r} is explained by {named}"
                rules.add(named)
                continue
            assert entry.split(".")[-1] == name.split(".")[-1], f"{name} is explained by {entry}"
            seen += 1
    assert seen > 100
    assert len(rules) > 20
