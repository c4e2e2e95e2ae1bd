"""A complete release on one page, for tests of ``diff``: what extraction needs, and an example of each thing
that can change. Edits are pairs of old and new text."""

from pathlib import Path

from codegen.diff.sides import Side
from codegen.engines.transformers.engine import CACHES, CONFIGURATION, GENERATE, PROCESSORS
from codegen.engines.transformers.extract import extract
from codegen.review.merge import merge_lenient
from codegen.upstream.source import SourceTree
from codegen.upstream.symbols import Library
from tests.codegen import places

_CONFIGURATION = '''
KINDS = ("grow", "fixed")


class GenerationMode:
    GREEDY_SEARCH = "greedy_search"


class GenerationConfig:
    """Settings.

    Args:
        max_length (`int`, *optional*, defaults to 20):
            How long it may get.
        top_k (`int`, *optional*, defaults to 50):
            How many are kept.
        share (`float`, *optional*):
            A share.
        penalty (`float`, *optional*, defaults to 1.0):
            A penalty.
        both (`int` or `list[int]`, *optional*):
            One or many.
        cache_implementation (`str`, *optional*):
            How it is kept.
        sampled (`bool`, *optional*, defaults to `False`):
            Whether it is drawn.
        shown (`bool`, *optional*, defaults to `False`):
            Whether it is shown.
        watermarking_config (`BaseWatermarkingConfig`, *optional*):
            A watermark.
    """

    def __init__(self, **kwargs):
        # Length
        self.max_length = kwargs.pop("max_length", None)
        self.top_k = kwargs.pop("top_k", None)
        self.share = kwargs.pop("share", None)
        self.penalty = kwargs.pop("penalty", None)
        self.both = kwargs.pop("both", None)
        self.cache_implementation = kwargs.pop("cache_implementation", None)
        self.sampled = kwargs.pop("sampled", None)
        self.shown = kwargs.pop("shown", False)
        self.watermarking_config = kwargs.pop("watermarking_config", None)

        # Deprecated in v2.1 and will be removed in v3.0
        self.ending = kwargs.pop("ending", None)

    @staticmethod
    def _get_default_generation_params():
        return {"max_length": 20, "top_k": 50, "penalty": 1.0, "sampled": False}

    def get_generation_mode(self):
        generation_mode = GenerationMode.GREEDY_SEARCH
        return generation_mode

    def validate(self):
        minor_issues = {}
        if self.max_length is not None and self.max_length <= 0:
            raise ValueError("too short")
        if self.cache_implementation is not None and self.cache_implementation not in KINDS:
            raise ValueError("no such kind")
        if self.sampled is True and self.shown is True:
            raise ValueError("not both")
        if self.sampled is not True:
            if self.top_k is not None and self.top_k != 50:
                minor_issues["top_k"] = "only if it is drawn"


class BaseWatermarkingConfig:
    pass


class WatermarkingConfig(BaseWatermarkingConfig):
    """A watermark.

    Args:
        ratio (`float`, *optional*, defaults to 0.25):
            How much.
        keys (`list[int]`):
            Which.
    """

    def __init__(self, keys: list[int], ratio: float = 0.25):
        self.keys = keys
        self.ratio = ratio

    def validate(self):
        if self.ratio < 0:
            raise ValueError("too little")

    def construct_processor(self):
        return MarkProcessor(ratio=self.ratio)
'''

_GENERATE = """
GENERATION_MODES_MAPPING = {GenerationMode.GREEDY_SEARCH: "_sample"}


class GenerationMixin:
    def _get_logits_processor(self, generation_config):
        processors = []
        if generation_config.top_k is not None and generation_config.top_k != 0:
            processors.append(TopProcessor(top_k=generation_config.top_k))
        if generation_config.penalty is not None and generation_config.penalty != 1.0:
            processors.append(PenaltyProcessor(penalty=generation_config.penalty))
        return processors

    def generate(self, input_ids, generation_config):
        return self._sample(input_ids)

    def _sample(self, input_ids):
        count = 0
        while count < 3:
            count = count + 1
        return input_ids
"""

_PROCESSORS = """
class TopProcessor:
    def __init__(self, top_k: int):
        if top_k <= 0:
            raise ValueError("at least one")
        self.top_k = top_k


class PenaltyProcessor:
    def __init__(self, penalty: float):
        if penalty < 0:
            raise ValueError("not negative")
        self.penalty = penalty


class MarkProcessor:
    def __init__(self, ratio: float):
        self.ratio = ratio
"""

_OVERRIDES = """
[params.max_length]
role = "length"
role_reason = "It counts."
description = "Limit."
[params.top_k]
role = "decoding"
role_reason = "It sorts."
description = "How many."
[params.penalty]
role = "decoding"
role_reason = "It scales."
description = "Penalty."
[params.share]
role = "decoding"
role_reason = "It scales."
description = "Share."
[[params.share.claims]]
unbounded = true
reason = "Any share."
[params.both]
role = "none"
role_reason = "It does nothing."
description = "One or many."
[[params.both.claims]]
unbounded = true
reason = "Any number."
[params.cache_implementation]
role = "cache"
role_reason = "It keeps."
description = "How it is kept."
[params.sampled]
role = "decoding"
role_reason = "It draws."
description = "Whether it is drawn."
[params.shown]
role = "none"
role_reason = "It shows."
description = "Whether it is shown."
[params.watermarking_config]
role = "decoding"
role_reason = "It marks."
description = "A watermark."
[params.ending]
role = "none"
role_reason = "It ends."
description = "Nothing."
[[params.ending.claims]]
type = "int"
reason = "It counted once."
evidence = ["generation/utils.py::GenerationMixin._sample"]
[[params.ending.claims]]
unbounded = true
reason = "Any number."
[nested.WatermarkingConfig.ratio]
description = "How much."
[nested.WatermarkingConfig.keys]
description = "Which."
[[rules]]
id = "not-both"
extracted = "validate: sampled, shown"
message = "One of them is enough."
[[rules]]
id = "not-drawing"
extracted = "validate: sampled"
message = "Nothing is drawn."
[[rules]]
id = "shown-on-a-gpu"
effect = "require"
when = "shown"
need = "device.type == 'cuda'"
fields = ["shown"]
message = "It is shown on a GPU."
evidence = ["generation/utils.py::GenerationMixin._sample"]
[[class_tightenings]]
what = "objects"
reason = "They have no text."
"""

FILES = {
    CONFIGURATION: _CONFIGURATION,
    GENERATE: _GENERATE,
    PROCESSORS: _PROCESSORS,
    CACHES: "",
    "overrides": _OVERRIDES,
}
Edits = tuple[tuple[str, str], ...]


def edited(*edits: tuple[str, str]) -> dict[str, str]:
    """The files with each old text replaced by the new one; at least one file has to contain it."""
    files = dict(FILES)
    for old, new in edits:
        paths = [path for path, text in files.items() if old in text]
        assert paths, f"{old!r} is in no file"
        for path in paths:
            files[path] = files[path].replace(old, new)
    return files


def side(files: dict[str, str], scratch: Path, version: str = "2.3.0", previous: Side | None = None) -> Side:
    """The release with these files, read as ``diff`` reads one."""
    engine = places.ENGINE
    overrides = places.with_overrides(scratch, files["overrides"])
    tree = SourceTree(engine.name, version, "a release of a page", "page", files.__getitem__)
    library = Library(tree)
    schema, mistakes = merge_lenient(
        extract(library),
        overrides,
        library,
        engine,
        lambda: previous.schema if previous is not None else None,
    )
    return Side(
        engine=engine,
        label=f"transformers {version}",
        schema=schema,
        library=library,
        mistakes=mistakes,
    )
