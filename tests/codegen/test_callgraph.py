"""The call graph: what is reached from a function, in packages of a few lines."""

import textwrap

import pytest

from codegen.model.origins import Symbol
from codegen.upstream.callgraph import CallGraph, Start, build, classes
from codegen.upstream.source import SourceTree
from codegen.upstream.symbols import Library


def graph(files: dict[str, str], **options: object) -> CallGraph:
    """The graph from ``main.py::start`` of a package with some files."""
    texts = {path: textwrap.dedent(text) for path, text in files.items()}
    library = Library(SourceTree("pkg", "1.0", "a fake", "fake", texts.__getitem__))
    start = Start(roots=(Symbol("main.py", "start"),), **options)  # type: ignore[arg-type]
    return build(classes(library, start), start)


def reached(files: dict[str, str], **options: object) -> set[str]:
    found = {f"{each.path.removesuffix('.py')}.{each.qualname}" for each in graph(files, **options).edges}
    return found - {"main.start"}


ONE_FILE = {
    "a function that is called": ("def f(): ...\ndef g(): ...\ndef start(): f()", {"f"}),
    "what it calls in turn": ("def g(): ...\ndef f(): g()\ndef start(): f()", {"f", "g"}),
    "itself": ("def start(): start()", set()),
    "a function that is passed": ("def f(): ...\ndef start(x): x(f)", {"f"}),
    "a function in a table": ("def f(): ...\nTABLE = {'f': f}\ndef start(k): TABLE[k]()", {"TABLE", "f"}),
    "a function in an inner one": ("def f(): ...\ndef start():\n def g(): f()\n return g", {"f"}),
    "a function in a lambda": ("def f(): ...\ndef start(): return lambda: f()", {"f"}),
    "a decorator": ("def d(x): ...\n@d\ndef start(): ...", {"d"}),
    "a default": ("def f(): ...\ndef start(x=f()): ...", {"f"}),
    "no annotation": ("def f(): ...\ndef start(x: f) -> f: ...", set()),
    "a local of the same name": ("def f(): ...\ndef start(f): f()", set()),
    "a constructor": (
        "class C:\n def __init__(self): f()\n def other(self): ...\ndef f(): ...\ndef start(): C()",
        {"C", "C.__init__", "f"},
    ),
    "what is done when an object is called": (
        "class C:\n def __call__(self): ...\ndef start():\n c = C()\n c()",
        {"C", "C.__call__"},
    ),
    "a class that is only tested": (
        "class C:\n def __init__(self): ...\ndef start(x): isinstance(x, C)",
        set(),
    ),
    "a class that is only caught": (
        (
            "class C(Exception):\n def __init__(self): ...\n"
            "def start(x):\n try: ...\n except (C, ValueError): ..."
        ),
        set(),
    ),
    "a method of a local": (
        "class C:\n def m(self): ...\n def n(self): ...\ndef start():\n c = C()\n c.m()",
        {"C", "C.m"},
    ),
    "a method of an annotated argument": (
        "class C:\n def m(self): ...\ndef start(c: 'C | None' = None): c.m()",
        {"C.m"},
    ),
    "a method by what a function gives": (
        "class C:\n def m(self): ...\ndef make() -> C: ...\ndef start(): make().m()",
        {"make", "C.m"},
    ),
    "a property": (
        "class C:\n @property\n def p(self) -> 'D': ...\nclass D:\n def m(self): ...\ndef start(c: C): c.p.m()",
        {"C.p", "D.m"},
    ),
    "a method of an attribute": (
        (
            "class D:\n def m(self): ...\nclass C:\n def __init__(self, d: D): self.d = d\n def n(self): self.d.m()\n"
            "def start(): C().n()"
        ),
        {"C", "C.__init__", "C.n", "D.m"},
    ),
    "a method of a base": (
        "class B:\n def m(self): ...\nclass C(B): ...\ndef start(c: C): c.m()",
        {"B.m"},
    ),
    "an overridden method, of an object that is made": (
        (
            "class B:\n def m(self): ...\nclass C(B):\n def m(self): ...\nclass D(B):\n def m(self): ...\n"
            "def start(b: B):\n b.m()\n C()"
        ),
        {"B.m", "C", "C.m"},
    ),
    "super()": (
        "class B:\n def m(self): ...\nclass C(B):\n def m(self): super().m()\ndef start(c: C): c.m()",
        {"B.m", "C.m"},
    ),
    "a method through self": (
        "class C:\n def m(self): self.n()\n def n(self): ...\n def o(self): ...\ndef start(c: C): c.m()",
        {"C.m", "C.n"},
    ),
    "a class method": (
        "class C:\n @classmethod\n def m(cls): cls.n()\n @staticmethod\n def n(): ...\ndef start(): C.m()",
        {"C.m", "C.n"},
    ),
    "a method of something unknown, by its name": (
        "class C:\n def m(self): ...\nclass D:\n def m(self): ...\ndef start(x):\n C()\n x.m()",
        {"C", "C.m"},
    ),
    "by its name, of a class that is reached later": (
        "class C:\n def m(self): ...\ndef late(): C()\ndef start(x):\n x.m()\n late()",
        {"C", "C.m", "late"},
    ),
    "a method whose name is in a table": (
        (
            "TABLE = {1: 'm'}\nclass C:\n def go(self, k): getattr(self, TABLE[k])()\n def m(self): ...\n"
            "def start(c: C): c.go(1)"
        ),
        {"TABLE", "C.go", "C.m"},
    ),
    "a method named by getattr": (
        "class C:\n def m(self): ...\ndef start(c: C): getattr(c, 'm')()",
        {"C.m"},
    ),
    "what the body of a class does": (
        "def f(): ...\nclass C:\n x = f()\n def m(self): ...\ndef start(): C()",
        {"C", "f"},
    ),
    "a method of what with gives": (
        "class C:\n def __enter__(self): ...\n def m(self): ...\ndef start():\n with C() as c:\n  c.m()",
        {"C", "C.__enter__", "C.m"},
    ),
}


@pytest.mark.parametrize("name", ONE_FILE)
def test_what_is_reached_in_one_file(name: str) -> None:
    text, expected = ONE_FILE[name]
    assert reached({"main.py": text}) == {f"main.{each}" for each in expected}


OTHER_FILES = {
    "from .a import f": "f()",
    "from .a import f as g": "g()",
    "from . import a": "a.f()",
    "import pkg.a as a": "a.f()",
    "from pkg.a import f": "f()",
    "from .sub import f": "f()",
    "from .sub.again import f": "f()",
    "from .sub.again import *": "f()",
    "if x:\n    from .a import f\nelse:\n    pass": "f()",
    "try:\n    from .a import f\nexcept ImportError:\n    pass": "f()",
    "": "from .a import f\n    f()",
}


@pytest.mark.parametrize("imported", OTHER_FILES)
def test_names_are_followed_through_imports(imported: str) -> None:
    files = {
        "__init__.py": "",
        "main.py": f"{imported}\ndef start():\n    {OTHER_FILES[imported]}",
        "a.py": "def f(): ...",
        "sub/__init__.py": "from ..a import f",
        "sub/again.py": "from . import f",
    }
    assert reached(files) == {"a.f"}


def test_circular_and_missing_imports_end() -> None:
    files = {
        "main.py": "from .a import f, g\nfrom .nowhere import h\ndef start():\n f()\n g()\n h()",
        "a.py": "from .main import f\ndef g(): ...",
    }
    assert reached(files) == {"a.g"}


def test_circular_bases_end() -> None:
    assert reached({"main.py": "class C(D): ...\nclass D(C): ...\ndef start(c: C): c.m()"}) == set()


def test_the_host_of_a_mixin_has_its_other_methods() -> None:
    files = {
        "main.py": "class Mixin:\n def m(self): self.n()\nclass Host:\n def n(self): ...\n"
        "def start(x: Mixin): x.m()",
    }
    hosts = {Symbol("main.py", "Mixin"): Symbol("main.py", "Host")}
    assert reached(files) == {"main.Mixin.m"}
    assert reached(files, hosts=hosts) == {"main.Mixin.m", "main.Host.n"}


def test_calls_that_leave_the_graph_are_reported_and_not_followed() -> None:
    files = {
        "__init__.py": "",
        "main.py": "from .models import f\nclass Mixin:\n def m(self): self()\n"
        "def start(x: Mixin, model):\n f()\n model(x)\n x.m()",
        "models/__init__.py": "def f(): ...",
    }
    found = graph(
        files,
        outside=("models/",),
        hosts={Symbol("main.py", "Mixin"): Symbol("main.py", "Host")},
        leaving=frozenset({"model"}),
    )
    assert {str(each) for each in found.edges} == {"main.py::start", "main.py::Mixin.m"}
    assert found.leaving == {
        Symbol("main.py", "start"): ("model",),
        Symbol("main.py", "Mixin.m"): ("self",),
    }


def test_every_call_is_counted() -> None:
    text = (
        "import torch\ndef f(): ...\nclass C:\n def m(self): ...\n"
        "def start(x, g):\n f()\n torch.cat(x)\n len(x)\n C()\n x.m()\n x.nobody()\n g()"
    )
    found = graph({"main.py": text})
    assert found.calls == {"exact": 2, "by name": 1, "of a value": 1, "outside": 2, "unresolved": 1}
    assert found.unresolved == {"nobody": 1}


def test_a_root_may_be_inherited_or_missing() -> None:
    library_files = {"main.py": "class B:\n def m(self): ...\nclass C(B): ..."}
    library = Library(SourceTree("pkg", "1.0", "a fake", "fake", library_files.__getitem__))
    start = Start(roots=(Symbol("main.py", "C.m"), Symbol("main.py", "C.gone"), Symbol("main.py", "gone")))
    assert [str(each) for each in build(classes(library, start), start).edges] == ["main.py::B.m"]


def test_what_is_reached_from_some_definitions() -> None:
    found = graph({"main.py": "def a(): c()\ndef b(): c()\ndef c(): ...\ndef start():\n a()\n b()"})
    a, b, c = (Symbol("main.py", name) for name in "abc")
    assert found.reached_from([a]) == {a, c}
    assert found.reached_from([Symbol("main.py", "start")], without=[a, c]) == {Symbol("main.py", "start"), b}
