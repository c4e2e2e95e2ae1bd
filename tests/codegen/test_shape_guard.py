"""A source that is not written as expected gives exit code 2 and the place; never a smaller schema, and no
file changes."""

import json
import re
import shutil
from pathlib import Path

import pytest

from codegen.engines.transformers.engine import CACHES, CONFIGURATION, GENERATE, PROCESSORS
from tests.codegen import places
from tests.codegen.conftest import READ, Command, SourceCopy

CONFIG = f"transformers/{CONFIGURATION}"
INIT = f"{CONFIG}, GenerationConfig.__init__"
TOP_K = 'self.top_k = kwargs.pop("top_k", None)'
DEFAULTS = f"{CONFIG}, GenerationConfig._get_default_generation_params"

# what is changed: the file, every text that matches, the replacement; and the message.
CHANGES = {
    "the effective defaults are not a dictionary": (CONFIGURATION, r'return \{\n(?= *"max_length": 20)', "return made or {\n", f"{DEFAULTS}: it does not return one dictionary"),
    "an effective default is computed": (CONFIGURATION, '"top_k": 50,', '"top_k": compute(),', f"{DEFAULTS}: its dictionary is not all literals"),
    "an effective default of no parameter": (CONFIGURATION, '"top_k": 50,', '"top_k": 50, "sparkle": 1,', "names sparkle, which __init__ does not set"),
    "an argument is renamed": (CONFIGURATION, re.escape(TOP_K), TOP_K.replace('"top_k"', '"topk"'), f"{INIT}: self.top_k takes the argument topk"),
    "an argument's name is computed": (CONFIGURATION, re.escape(TOP_K), TOP_K.replace('"top_k"', "NAME"), f"{INIT}: the name in a kwargs.pop is NAME"),
    "a default is computed": (CONFIGURATION, re.escape(TOP_K), TOP_K.replace("None", "compute()"), f"{INIT}: the default of top_k is compute()"),
    "parameters are set in a loop": (CONFIGURATION, re.escape(TOP_K), 'for name in ("top_k", "kk"): setattr(self, name, kwargs.pop(name, None))', f"{INIT}: a For statement at its top level"),
    "two parameters are set at once": (CONFIGURATION, re.escape(TOP_K), "self.top_k = self.kk = None", f"{INIT}: top_k is taken or set in a way that is not known"),
    "a parameter is only documented": (CONFIGURATION, re.escape(TOP_K), "pass", "its docstring names top_k, which __init__ does not set"),
    "a parameter is not documented any more": (CONFIGURATION, r"        top_k \(`int`", "        Top k (`int`", "top_k: no documentation gives its type"),
    "a documented type is odd": (CONFIGURATION, r"        top_k \(`int`", "        top_k (`an integer`", "docstring of GenerationConfig: top_k: cannot read '`an integer`'"),
    "no constructor": (CONFIGURATION, r"def __init__\(self, \*\*kwargs\):", "def _init(self, **kwargs):", f"{CONFIG}: there is no GenerationConfig.__init__"),
    "no class": (CONFIGURATION, r"class GenerationConfig\(", "class GenerationConfiguration(", f"{CONFIG}: there is no GenerationConfig"),
    "no documented arguments": (CONFIGURATION, r"    Args:\n        > Param", "    They are:\n        > Param", f"{CONFIG}, GenerationConfig: its docstring documents no argument"),
    "no validate": (CONFIGURATION, r"def validate\(self, strict=False", "def validated(self, strict=False", f"{CONFIG}: there is no GenerationConfig.validate"),
    "no gates": (GENERATE, r"def _get_logits_processor\(", "def _make_logits_processor(", f"transformers/{GENERATE}: there is no GenerationMixin._get_logits_processor"),
    "the gates read another object": (GENERATE, r"\bgeneration_config\.", "settings.", f"transformers/{GENERATE}, GenerationMixin._get_logits_processor: no parameter feeds"),
    "a gate reads something that is not a parameter": (GENERATE, r"\bgeneration_config\.top_h\b", "generation_config.sparkle", "sparkle feeds TopHLogitsWarper but GenerationConfig.__init__ does not set it"),
    "no compile class": (CONFIGURATION, "class CompileConfig", "class CompilationConfig", f"{CONFIG}: there is no CompileConfig"),
    "no watermarking classes": (CONFIGURATION, r"\(BaseWatermarkingConfig\)", "(Base)", f"{CONFIG}: no class derives from BaseWatermarkingConfig"),
    "a watermark is not typed": (CONFIGURATION, r"greenlist_ratio: float = ", "greenlist_ratio = ", "WatermarkingConfig.__init__: greenlist_ratio has no annotation"),
    "no quantized cache": (CACHES, r"class QuantizedCache\(", "class QuantisedCache(", f"transformers/{CACHES}: there is no QuantizedCache.__init__"),
    "a syntax error": (CONFIGURATION, re.escape(TOP_K), "self.top_k = (", f"{CONFIG}, line"),
    "a file cut short": (CONFIGURATION, r'(?s)kwargs\.pop\("min_p".*\Z', 'kwargs.pop("min_p"', f"{CONFIG}, line"),
    "no processors": (PROCESSORS, r"(?s)\A.*\Z", "", "no parameter feeds a logits processor"),
    "no version": ("__init__.py", "__version__", "__edition__", "transformers/__init__.py states no __version__"),
    "an old release": ("__init__.py", r'__version__ = "[^"]*"', '__version__ = "0.1.2"', f"is transformers 0.1.2; releases from {places.PACKAGE.oldest} on can be read"),
}  # fmt: skip


def _state(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize("change", CHANGES)
def test_an_unknown_shape(codegen: Command, source_copy: SourceCopy, scratch: Path, change: str) -> None:
    *edit, what = CHANGES[change]
    source_copy.change(*edit)
    before = _state(scratch)
    done = codegen("refresh", "--transformers", source_copy.root, "--into", scratch)
    assert done.code == 2
    assert what in done.err
    assert done.err.startswith("codegen: ")
    assert "Traceback" not in done.err
    assert done.out == ""
    assert _state(scratch) == before


@pytest.mark.parametrize("path", READ)
def test_a_file_that_is_missing(codegen: Command, source_copy: SourceCopy, scratch: Path, path: str) -> None:
    (source_copy.root / "transformers" / path).unlink()
    before = _state(scratch)
    done = codegen("refresh", "--transformers", source_copy.root, "--into", scratch)
    assert done.code == 2
    assert "holds no transformers" in done.err or f"has no file transformers/{path}" in done.err
    assert _state(scratch) == before


def test_the_unchanged_copy_is_read(codegen: Command, source_copy: SourceCopy, scratch: Path) -> None:
    done = codegen("refresh", "--transformers", source_copy.root, "--into", scratch)
    assert done.code == 0, done.err
    written = (*places.GENERATED, *places.HISTORY, places.ENGINE.evidence)
    assert set(_state(scratch)) == {scratch / path for path in written}


@pytest.mark.parametrize(("kept", "code"), [(0.79, 2), (0.81, 0)])
def test_a_refresh_that_loses_more_than_a_fifth_of_the_parameters_fails(
    codegen: Command, refreshed: Path, scratch: Path, kept: float, code: int
) -> None:
    shutil.copytree(refreshed, scratch, dirs_exist_ok=True)
    lock = scratch / places.LOCK
    data = json.loads(lock.read_text(encoding="utf-8"))
    count = len(data["params"])
    gone = [data["params"][0] | {"name": f"gone_{each}"} for each in range(int(count / kept) - count)]
    lock.write_text(json.dumps(data | {"params": data["params"] + gone}), encoding="utf-8")
    before = _state(scratch)
    done = codegen("refresh", "--into", scratch)
    assert done.code == code
    if code:
        said = f"only {count} parameters were found, where schema.lock.json has {count + len(gone)}"
        assert said in done.err
        assert _state(scratch) == before


def test_a_lock_that_is_broken_says_what_to_do(codegen: Command, scratch: Path) -> None:
    (scratch / places.LOCK).parent.mkdir(parents=True)
    (scratch / places.LOCK).write_text("{}")
    before = _state(scratch)
    done = codegen("refresh", "--into", scratch)
    assert done.code == 2
    assert "is not a lock" in done.err
    assert "delete it first" in done.err
    assert _state(scratch) == before
