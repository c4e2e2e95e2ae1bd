"""Output tokens counted by hand from returned ids. 0 is padding, 1 begins a text, 2 and 9 end one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llenergymeasure.engines.calls import TokenCounts
from llenergymeasure.engines.transformers.counting import end_ids, output_tokens, prompt_tokens


@pytest.mark.parametrize(
    ("row", "width", "eos", "stopped_after", "count"),
    [
        pytest.param([1, 5, 6, 7, 8], 2, {2}, None, 3, id="ran to the length limit"),
        pytest.param([1, 5, 6, 2, 0, 0], 2, {2}, None, 2, id="ended early: the end counts, padding does not"),
        pytest.param([1, 5, 2, 0, 0], 2, {2}, None, 1, id="ended at once"),
        pytest.param([1, 5, 6, 7, 2], 2, {2}, None, 3, id="ended with the very last token"),
        pytest.param([1, 5, 6, 2, 2, 2, 2], 2, {2}, None, 2, id="padding is the end token"),
        pytest.param([2, 1, 5, 6, 7], 3, {2}, None, 2, id="an end token in the prompt does not end it"),
        pytest.param([0, 0, 1, 5, 6, 7], 4, {2}, None, 2, id="padding in front of the prompt"),
        pytest.param([1, 5, 6, 9, 0, 0], 2, {2, 9}, None, 2, id="one of several end tokens"),
        pytest.param(
            [1, 5, 6, 2, 7, 2],
            2,
            set(),
            None,
            4,
            id="no end token in effect: the id is a token like any other",
        ),
        pytest.param(
            [1, 5, 6, 0, 7, 0], 2, {2}, None, 4, id="a generated padding token counts where nothing ended"
        ),
        pytest.param(
            [1, 5, 6, 7, 0, 0], 2, {2}, 2, 2, id="a stop string ended it: padding after it does not count"
        ),
        pytest.param([1, 5, 6, 7, 2, 2], 2, {2}, 2, 2, id="stop string, and padding is the end token"),
        pytest.param([1, 5, 2, 7, 8], 2, {2}, 3, 1, id="the end token came before the stop string"),
        pytest.param(
            [0, 5, 6, 2, 0], 1, {2}, None, 3, id="encoder-decoder: the decoder's start is not output"
        ),
        pytest.param(
            [1, 5, 6, 7, -1, -1],
            2,
            set(),
            None,
            2,
            id="beam search fills with -1",
        ),
        pytest.param([1, 5], 2, {2}, None, 0, id="nothing was generated"),
    ],
)
def test_output_tokens(
    row: list[int], width: int, eos: set[int], stopped_after: int | None, count: int
) -> None:
    assert output_tokens(row, prompt_width=width, eos=eos, stopped_after=stopped_after) == count


ids = st.integers(min_value=0, max_value=12)


@given(
    prompt=st.lists(ids), output=st.lists(ids), padding=st.integers(0, 5), eos=st.frozensets(ids, max_size=3)
)
def test_padding_after_an_end_changes_nothing(
    prompt: list[int], output: list[int], padding: int, eos: frozenset[int]
) -> None:
    width = len(prompt)
    count = output_tokens(prompt + output, prompt_width=width, eos=eos)
    assert 0 <= count <= len(output)
    if eos & set(output):
        assert output[count - 1] in eos
        assert not eos & set(output[: count - 1])
        assert output_tokens([*prompt, *output, *[0] * padding], prompt_width=width, eos=eos) == count
    else:
        assert count == len(output)


def test_prompt_tokens_are_those_that_the_mask_shows() -> None:
    assert prompt_tokens([[0, 0, 1, 1], [1, 1, 1, 1], [0, 1, 1, 1]]) == 9


@pytest.mark.parametrize(
    ("setting", "ids"), [(None, set()), (2, {2}), ([2, 9], {2, 9}), ((2,), {2}), (0, {0}), ([], set())]
)
def test_end_ids(setting: int | list[int] | None, ids: set[int]) -> None:
    assert end_ids(setting) == ids


def test_counts_add_up_field_by_field() -> None:
    one = TokenCounts(prompts=1, sequences=2, prompt_tokens=3, output_tokens=4)
    two = TokenCounts(prompts=10, sequences=20, prompt_tokens=30, output_tokens=40)
    assert one + two == TokenCounts(prompts=11, sequences=22, prompt_tokens=33, output_tokens=44)
