"""``python -m tests.codegen.replay``: write the expectations anew, to be read by hand against the two sources."""

from itertools import pairwise

from codegen.review.overrides import SUPPORTED
from tests.codegen.replay.lines import expectation, said

for old, new in pairwise(SUPPORTED):
    expectation(old, new).write_text("\n".join(said(old, new)) + "\n", encoding="utf-8")
