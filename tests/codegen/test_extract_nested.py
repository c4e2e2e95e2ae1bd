"""codegen.engines.transformers.nested: the configuration classes that are values of parameters."""

import pytest

from codegen.engines.transformers import nested
from codegen.engines.transformers.engine import CONFIGURATION
from codegen.errors import UnknownShapeError
from codegen.model.regions import EVERYTHING, of_bounds
from codegen.model.types import Bound, Choice, ListOf, MapOf, Opaque, Scalar, Union
from tests.codegen.fake_source import library, module

COMPILE = '''
@dataclass
class CompileConfig:
    """Compiles.

    Args:
        mode (`str`):
            - `"default"`: plain
            - `"max"`: more
    """

    fullgraph: bool = False
    dynamic: Optional[bool] = None
    backend: Union[str, Callable] = "inductor"
    mode: str = "default"
    options: Optional[dict] = None
    size: int = 2**10
    needed: float
    _hidden: int = 3

    def to_dict(self):
        return {}
'''


def test_a_dataclass() -> None:
    [model] = nested.read(library(configuration=COMPILE), ["compile_config"])
    assert (model.name, model.upstream, model.parameter) == (
        "CompileConfig",
        "CompileConfig",
        "compile_config",
    )
    found = {
        each.name: (each.type, each.takes_none, each.required, each.declared_default) for each in model.fields
    }
    assert found == {
        "fullgraph": (Scalar("bool"), False, False, False),
        "dynamic": (Scalar("bool"), True, False, None),
        "backend": (Union((Scalar("str"), Opaque("Callable"))), False, False, "inductor"),
        "mode": (Scalar("str"), False, False, "default"),
        "options": (Opaque("dict"), True, False, None),
        "size": (Scalar("int"), False, False, 1024),
        "needed": (Scalar("float"), False, True, None),
    }
    assert {each.name: each.choices for each in model.fields if each.choices} == {
        "mode": Choice(("default", "max"))
    }
    assert [str(origin.symbol) for origin in model.origins] == [f"{CONFIGURATION}::CompileConfig"]


MARKS = """
class BaseWatermarkingConfig:
    pass

class FirstConfig(BaseWatermarkingConfig):
    def __init__(self, ratio: float = 0.25, scheme: str = "left", width: int = 1, device=None):
        pass

    def validate(self):
        if self.scheme not in ("left", "self"):
            raise ValueError
        if not 0.0 <= self.ratio <= 1.0:
            raise ValueError
        if self.width < 1:
            raise ValueError

    def construct_processor(self, size, device):
        return Processor(size, device=device, ratio=self.ratio)

class SecondConfig(BaseWatermarkingConfig):
    def __init__(self, length: int, keys: list[int], debug: bool = False, **kwargs):
        pass

    def construct_processor(self, size, device):
        return Processor(size, length=self.length, device=device)
"""
PROCESSOR = """
class Processor:
    def __init__(self, size, device="cpu", ratio=0.5, length=3):
        if ratio >= 1.0 or ratio <= 0.0:
            raise ValueError
        if length < 2:
            raise ValueError
"""


def test_watermarks_are_bounded_by_their_validate_and_by_the_processor_they_make() -> None:
    without = MARKS.replace(", device=None", "")
    first, second = nested.read(library(configuration=without, processors=PROCESSOR), ["watermarking_config"])
    assert {each.name: each.accepted.bounds() for each in first.fields} == {
        "ratio": (Bound(">", 0), Bound("<", 1)),
        "scheme": (),
        "width": (Bound(">=", 1),),
    }
    assert next(each for each in first.fields if each.name == "scheme").choices == Choice(("left", "self"))
    found = {each.name: (each.type, each.required, each.accepted) for each in second.fields}
    assert found == {
        "length": (Scalar("int"), True, of_bounds([Bound(">=", 2)])),
        "keys": (ListOf(Scalar("int")), True, EVERYTHING),
        "debug": (Scalar("bool"), False, EVERYTHING),
    }


def test_an_argument_without_an_annotation_is_an_unknown_shape() -> None:
    with pytest.raises(UnknownShapeError, match=r"FirstConfig\.__init__: device has no annotation"):
        nested.read(library(configuration=MARKS, processors=PROCESSOR), ["watermarking_config"])


CACHE = """
class QuantizedCache(DynamicCache):
    def __init__(self, backend: str, config: PretrainedConfig, nbits: int = 4, axis: int = 0):
        if backend == "quanto":
            self.layer = First
        elif backend == "hqq":
            self.layer = Second
        else:
            raise ValueError
"""
GIVEN = """
class GenerationMixin:
    def _prepare(self, cache_config):
        backend = cache_config.pop("backend", "quanto")
"""


def test_the_arguments_of_a_quantized_cache() -> None:
    [model] = nested.read(library(caches=CACHE, generate=GIVEN), ["cache_config"])
    assert (model.name, model.upstream) == ("QuantizedCacheConfig", None)  # sent as a plain dictionary
    found = {each.name: (each.required, each.declared_default, each.choices) for each in model.fields}
    assert found == {
        "backend": (False, "quanto", Choice(("quanto", "hqq"))),
        "nbits": (False, 4, None),
        "axis": (False, 0, None),
    }


def test_a_backend_without_an_annotation_is_one_of_its_branches() -> None:
    """So in some older releases; the choices that get through are the type."""
    caches = CACHE.replace("backend: str", "backend").replace("nbits: int = 4, axis: int = 0", "**kwargs")
    [model] = nested.read(library(caches=caches, generate=GIVEN), ["cache_config"])
    [backend] = model.fields
    assert (backend.type, backend.takes_none) == (Choice(("quanto", "hqq")), False)


def test_in_older_releases_they_are_a_class() -> None:
    caches = """
    class QuantizedCacheConfig:
        def __init__(self, backend: str = "quanto", nbits: Optional[int] = 4, dtype: Optional[torch.dtype] = torch.float16):
            pass

        def validate(self):
            if self.nbits not in [1, 2, 4]:
                raise ValueError

    class QuantizedCache:
        def __init__(self, cache_config: QuantizedCacheConfig):
            pass
    """
    [model] = nested.read(library(caches=caches, generate=GIVEN), ["cache_config"])
    assert model.upstream == "QuantizedCacheConfig"
    found = {
        each.name: (each.type, each.takes_none, each.declared_default, each.choices) for each in model.fields
    }
    assert found == {
        "backend": (Scalar("str"), False, "quanto", None),
        "nbits": (Scalar("int"), False, 4, Choice((1, 2, 4))),
        "dtype": (Opaque("torch.dtype"), True, "float16", None),
    }


def test_a_parameter_that_is_not_there_brings_no_class() -> None:
    assert nested.read(library(), ["temperature"]) == ()


def test_types_of_mappings() -> None:
    configuration = "class ContinuousBatchingConfig:\n    seeds: dict[str, list[int]] | None = None\n"
    [model] = nested.read(library(configuration=configuration), ["continuous_batching_config"])
    assert model.fields[0].type == MapOf(Scalar("str"), ListOf(Scalar("int")))


@pytest.mark.parametrize(
    ("files", "names", "what"),
    [
        ({}, ["compile_config"], "there is no CompileConfig"),
        ({"configuration": "CompileConfig = 3"}, ["compile_config"], "CompileConfig is not a class"),
        ({"configuration": "class CompileConfig:\n    pass"}, ["compile_config"], "no argument that could be read"),
        ({"configuration": "class CompileConfig:\n    a: int = compute()"}, ["compile_config"], "the default of a is compute()"),
        ({"configuration": "class CompileConfig:\n    a: (1, 2) = 3"}, ["compile_config"], "a: cannot read"),
        ({"configuration": "class CompileConfig:\n    a: 'int |' = 3"}, ["compile_config"], "a: cannot read"),
        ({}, ["watermarking_config"], "no class derives from BaseWatermarkingConfig"),
        ({"generate": GIVEN}, ["cache_config"], "there is no QuantizedCache.__init__"),
        ({"caches": CACHE}, ["cache_config"], "there is no GenerationMixin"),
    ],
)  # fmt: skip
def test_unknown_shapes(files: dict[str, str], names: list[str], what: str) -> None:
    with pytest.raises(UnknownShapeError) as raised:
        nested.read(library(**files), names)  # type: ignore[arg-type]
    assert what in str(raised.value)
    assert raised.value.where.startswith("transformers/")


def test_the_watermarking_classes_are_those_of_the_source_in_order() -> None:
    assert nested.watermarking_classes(module(MARKS)) == ["FirstConfig", "SecondConfig"]
