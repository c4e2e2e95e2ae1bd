"""Conversion to transformers' ``GenerationConfig`` and back, also if the object was copied, saved or changed
in between, and from files of other releases."""

import copy
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from packaging.version import Version
from pydantic import ValidationError
from transformers import CompileConfig, GenerationConfig
from transformers import __version__ as installed

from llenergymeasure.config.backend_configs import PyTorchConfig
from llenergymeasure.config.conversion import FILE, MEMORY, LossyConversionWarning
from llenergymeasure.config.errors import DocumentError, UpstreamError
from llenergymeasure.config.introspection import get_backend_params

pytestmark = pytest.mark.filterwarnings(
    "ignore:Passing ContinuousBatchingConfig:FutureWarning",
    "ignore:a GenerationConfig cannot tell:llenergymeasure.config.conversion.LossyConversionWarning",
)

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=4,
)


PARAMS = {path.removeprefix("pytorch."): info for path, info in get_backend_params("pytorch").items()}


@st.composite
def configurations(draw: st.DrawFn) -> PyTorchConfig:
    names = draw(st.lists(st.sampled_from(list(PARAMS)), max_size=6, unique=True))
    settings: dict[str, Any] = {}
    for name in names:
        context = PARAMS[name]["context"] if draw(st.booleans()) else {}
        settings |= {**context, name: draw(st.sampled_from(PARAMS[name]["test_values"]))}
    more = draw(st.dictionaries(st.sampled_from(["mine", "logits_processor", "temperature"]), anything))
    extra = {
        key: value for key, value in {**settings.pop("extra", {}), **more}.items() if key not in settings
    }
    try:
        return PyTorchConfig(**settings, extra=extra)
    except ValidationError:
        assume(False)
        raise


def as_generation_config(config: PyTorchConfig) -> GenerationConfig:
    try:
        return config.to_generation_config()
    except UpstreamError:  # a value in extra that transformers does not take
        assume(False)
        raise


@given(configurations())
def test_what_comes_back_is_what_was_set(config: PyTorchConfig) -> None:
    real = as_generation_config(config)
    for again in (real, copy.deepcopy(real)):
        assert PyTorchConfig.from_generation_config(again) == config


@given(configurations())
def test_what_comes_back_from_a_file_is_what_was_set(config: PyTorchConfig) -> None:
    """JSON turns tuples into lists, and transformers writes null for ``continuous_batching_config``."""
    assume(config.continuous_batching_config is None)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / FILE).write_text(as_generation_config(config).to_json_string(), encoding="utf-8")
        assert PyTorchConfig.from_generation_config_file(folder).to_data() == config.to_data()


def test_a_saved_configuration_is_loaded_by_transformers_and_here(tmp_path: Path) -> None:
    config = PyTorchConfig(
        do_sample=True,
        temperature=0.5,
        top_k=None,
        eos_token_id=[2, 3],
        stop_strings="a",
        watermarking_config={"bias": 2.0, "context_width": 3},
        extra={"mine": [1]},
    )
    config.to_generation_config().save_pretrained(tmp_path)
    assert PyTorchConfig.from_generation_config(GenerationConfig.from_pretrained(tmp_path)) == config
    assert PyTorchConfig.from_generation_config_file(tmp_path) == config
    assert PyTorchConfig.from_generation_config_file(tmp_path / FILE) == config


def test_an_object_remembers_nothing_if_nothing_would_be_lost() -> None:
    real = PyTorchConfig(do_sample=True, compile_config={"mode": "default"}).to_generation_config()
    assert MEMORY not in vars(real)


@pytest.mark.parametrize(
    ("settings", "changes", "comes_back"),
    [
        ({"top_k": None}, {"top_k": 3}, {"top_k": 3}),
        ({"top_k": None, "top_p": 0.5}, {"top_p": None}, {"top_k": None}),
        (
            {"compile_config": {"mode": "reduce-overhead"}},
            {"compile_config": CompileConfig(dynamic=True)},
            {"compile_config": {"dynamic": True}},
        ),
        ({"compile_config": {"mode": "reduce-overhead"}}, {"compile_config": None}, {}),
        ({"extra": {"mine": 1}}, {"mine": 2}, {"extra": {"mine": 2}}),
    ],
)
@pytest.mark.skipif(Version(installed).major < 5, reason="in older releases a None is a value like others")
def test_changes_made_in_between_come_back(
    settings: dict[str, Any], changes: dict[str, Any], comes_back: dict[str, Any]
) -> None:
    real = PyTorchConfig(**settings).to_generation_config()
    for name, value in changes.items():
        setattr(real, name, value)
    assert PyTorchConfig.from_generation_config(real) == PyTorchConfig(**comes_back)


@pytest.mark.parametrize(
    "memory",
    [None, 1, [], {"alike": 1, "nested": [], "extra": {}}, {"nested": {"compile_config": {"mode": 3}}}],
)
def test_remembered_settings_that_somebody_edited_are_ignored(memory: Any) -> None:
    real = GenerationConfig(compile_config=CompileConfig(dynamic=True), **{MEMORY: memory})
    assert PyTorchConfig.from_generation_config(real) == PyTorchConfig(compile_config={"dynamic": True})


# Files of other releases, as their save_pretrained() wrote them

SAVED = Path(__file__).parent / "saved"
"""For each such file: what is in it, the settings that it becomes, and what has no parameter here."""


@pytest.mark.parametrize("name", sorted(path.name for path in SAVED.iterdir()))
def test_files_of_other_releases(tmp_path: Path, name: str) -> None:
    case = json.loads((SAVED / name).read_text(encoding="utf-8"))
    saved, settings, left_out = case["saved"], case["settings"], case["left_out"]
    path = tmp_path / FILE
    path.write_text(json.dumps(saved), encoding="utf-8")
    kept = PyTorchConfig.from_generation_config_file(path, keep_unknown=True)
    assert kept == PyTorchConfig(**settings, extra=left_out)
    if left_out:
        with pytest.warns(
            LossyConversionWarning, match=f"left out {', '.join(left_out)}: not parameters here"
        ):
            config = PyTorchConfig.from_generation_config_file(path)
    else:
        config = PyTorchConfig.from_generation_config_file(path)
    assert config == PyTorchConfig(**settings)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1]", "has to be a mapping, as save_pretrained() writes it; it is [1]."),
        ("{", "is not JSON"),
        ('{"top_k": 1, "top_k": 2}', "the key 'top_k' is there twice"),
    ],
)
def test_a_file_that_is_not_a_saved_configuration_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / FILE
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DocumentError) as caught:
        PyTorchConfig.from_generation_config_file(tmp_path)
    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)


def test_a_folder_without_a_saved_configuration_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="there is no such file"):
        PyTorchConfig.from_generation_config_file(tmp_path)


def test_a_saved_value_that_is_refused_here_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('{"temperature": 0.0, "num_beams": 2}', encoding="utf-8")
    with pytest.raises(ValidationError, match=r"temperature\n  must be at least \S+, not 0\.0"):
        PyTorchConfig.from_generation_config_file(tmp_path)
