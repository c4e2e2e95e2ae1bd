"""``python -m tests.codegen.replay``: write the expectations again, to be read by hand against the two
sources."""

from itertools import pairwise

from tests.codegen import places
from tests.codegen.replay.lines import expectation, said

for old, new in pairwise(places.SUPPORTED):
    expectation(old, new).write_text("\n".join(said(old, new)) + "\n", encoding="utf-8")
