"""Many ways to write the same check.

Each refuses what ``if x is not None and x <= 0: raise ValueError`` refuses, and nothing else. ``{x}`` stands
for the value that is checked, ``{name}`` for its name, ``{limit}`` for the number that it is compared with.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Way:
    """One way to write the check.

    Args:
        body: the statements of the check.
        methods: further methods of the class, which the statements call.
        top: statements at the top of the module.
        is_read: whether extraction has to follow it to the bound; if not, it has to say so, with the place.
    """

    body: str
    methods: str = ""
    top: str = ""
    is_read: bool = True

    def of(self, name: str, *, limit: str = "0", x: str = "") -> "Way":
        """The way for an attribute of ``self``, or for ``x``."""

        def fill(text: str) -> str:
            return text.replace("{x}", x or f"self.{name}").replace("{name}", name).replace("{limit}", limit)

        return Way(fill(self.body), fill(self.methods), fill(self.top), self.is_read)


WAYS: dict[str, Way] = {
    # --- tests
    "as upstream writes it": Way("if {x} is not None and {x} <= {limit}:\n    raise ValueError('no')"),
    "mirrored": Way("if {x} is not None and {limit} >= {x}:\n    raise ValueError('no')"),
    "not": Way("if not ({x} is None or {x} > {limit}):\n    raise ValueError('no')"),
    "not twice": Way("if not not ({x} is not None and not {x} > {limit}):\n    raise ValueError('no')"),
    "a chain": Way("if {x} is not None and not {limit} < {x} < float('inf'):\n    raise ValueError('no')", is_read=False),
    "a chain of numbers": Way("if {x} is not None and not {limit} < {x} <= 10**400:\n    raise ValueError('no')", is_read=False),
    "the type, then the value": Way("if isinstance({x}, int) and {x} <= {limit}:\n    raise ValueError('no')"),
    "the type of a number": Way("if {x} is not None and (not isinstance({x}, (int, float)) or {x} <= {limit}):\n    raise ValueError('no')"),
    "nested": Way("if {x} is not None:\n    if {x} <= {limit}:\n        raise ValueError('no')"),
    "else": Way("if {x} is None or {x} > {limit}:\n    pass\nelse:\n    raise ValueError('no')"),
    "elif": Way("if {x} is None:\n    pass\nelif {x} <= {limit}:\n    raise ValueError('no')"),
    "two halves": Way("if {x} is not None and {x} < {limit}:\n    raise ValueError('no')\nif {x} == {limit}:\n    raise ValueError('no')"),
    "a condition of its own": Way("bad = {x} is not None and {x} <= {limit}\nif bad:\n    raise ValueError('no')"),
    "a condition in steps": Way("given = {x} is not None\nlow = given and {x} <= {limit}\nok = not low\nif not ok:\n    raise ValueError('no')"),
    "assert": Way("assert {x} is None or {x} > {limit}, 'no'"),
    "any": Way("if {x} is not None and any([{x} < {limit}, {x} == {limit}]):\n    raise ValueError('no')"),
    "all": Way("if not all(({x} is None or {x} != {limit}, {x} is None or not {x} < {limit})):\n    raise ValueError('no')"),
    "bool()": Way("if bool({x} is not None and {x} <= {limit}):\n    raise ValueError('no')"),
    # --- locals
    "a local": Way("limit = {x}\nif limit is not None and limit <= {limit}:\n    raise ValueError('no')"),
    "a local of a local": Way("one = {x}\nother = one\nif other is not None and other <= {limit}:\n    raise ValueError('no')"),
    "an annotated local": Way("limit: int | None = {x}\nif limit is not None and limit <= {limit}:\n    raise ValueError('no')"),
    "locals at once": Way("name, limit = 'x', {x}\nif limit is not None and limit <= {limit}:\n    raise ValueError(name)"),
    "two targets": Way("one = other = {x}\nif one is not None and other <= {limit}:\n    raise ValueError('no')"),
    "a local for the number": Way("least = {limit}\nif {x} is not None and {x} <= least:\n    raise ValueError('no')"),
    "a walrus": Way("if (limit := {x}) is not None and limit <= {limit}:\n    raise ValueError('no')"),
    "a walrus further on": Way("if {x} is not None and (limit := {x}) <= {limit}:\n    raise ValueError(limit)"),
    "a conditional expression": Way("limit = {x} if {x} is not None else 1\nif limit <= {limit}:\n    raise ValueError('no')"),
    "a conditional expression the other way": Way("limit = 1 if {x} is None else {x}\nif limit <= {limit}:\n    raise ValueError('no')"),
    "a local set in branches": Way("if {x} is None:\n    limit = 1\nelse:\n    limit = {x}\nif limit <= {limit}:\n    raise ValueError('no')"),
    "a local set again in a branch": Way("limit = {x}\nif limit is None:\n    limit = 1\nif limit <= {limit}:\n    raise ValueError('no')"),
    "a message in a local": Way("problem = None\nif {x} is not None and {x} <= {limit}:\n    problem = f'{{x}} is bad'\nif problem is not None:\n    raise ValueError(problem)"),
    "an exception in a local": Way("error = None\nif {x} is not None and {x} <= {limit}:\n    error = ValueError('no')\nif error:\n    raise error"),
    "problems in a list": Way("problems = []\nif {x} is not None and {x} <= {limit}:\n    problems.append('no')\nif problems:\n    raise ValueError(problems)"),
    "problems counted": Way("problems = []\nif {x} is not None and {x} <= {limit}:\n    problems.append('no')\nif len(problems) > 0:\n    raise ValueError(problems)"),
    "a dictionary": Way("values = {'limit': {x}}\nif values['limit'] is not None and values['limit'] <= {limit}:\n    raise ValueError('no')"),
    "a dictionary filled later": Way("values = {}\nvalues['limit'] = {x}\nif values['limit'] is not None and values['limit'] <= {limit}:\n    raise ValueError('no')"),
    "a lambda": Way("bad = lambda value: value is not None and value <= {limit}\nif bad({x}):\n    raise ValueError('no')"),
    "a function inside": Way("def bad(value):\n    return value is not None and value <= {limit}\nif bad({x}):\n    raise ValueError('no')"),
    "a function inside that raises": Way("def fail():\n    raise ValueError('no')\nif {x} is not None and {x} <= {limit}:\n    fail()"),
    # --- early exits
    "an early raise of another kind": Way("if {x} is None:\n    ok = True\nelse:\n    ok = {x} > {limit}\nif not ok:\n    raise ValueError('no')"),
    "continue": Way("for value in ({x},):\n    if value is None:\n        continue\n    if value <= {limit}:\n        raise ValueError('no')"),
    "break": Way("for value in ({x},):\n    if value is None or value > {limit}:\n        break\n    raise ValueError('no')"),
    "the else of a loop": Way("for value in (None,):\n    if {x} is value or {x} > {limit}:\n        break\nelse:\n    raise ValueError('no')"),
    "while": Way("while {x} is not None and {x} <= {limit}:\n    raise ValueError('no')"),
    "while true": Way("while True:\n    if {x} is not None and {x} <= {limit}:\n        raise ValueError('no')\n    break"),
    # --- loops over what is written down
    "a loop over a table of pairs": Way("for name, value in [('x', {x})]:\n    if value is not None and value <= {limit}:\n        raise ValueError(name)"),
    "a loop over triples": Way("for name, value, least in (('x', {x}, {limit}),):\n    if value is not None and value <= least:\n        raise ValueError(name)"),
    "a loop over a dictionary": Way("for name, value in {'x': {x}}.items():\n    if value is not None and value <= {limit}:\n        raise ValueError(name)"),
    "a loop over a local table": Way("checks = [('x', {x})]\nfor name, value in checks:\n    if value is not None and value <= {limit}:\n        raise ValueError(name)"),
    "a numbered loop": Way("for number, value in enumerate([{x}]):\n    if value is not None and value <= {limit}:\n        raise ValueError(number)"),
    "a loop over a range": Way("for _ in range(1):\n    if {x} is not None and {x} <= {limit}:\n        raise ValueError('no')"),
    "a loop over tests": Way("for ok in ({x} is None or {x} > {limit},):\n    if not ok:\n        raise ValueError('no')"),
    "any over a table": Way("if any(value is not None and value <= {limit} for value in ({x},)):\n    raise ValueError('no')"),
    "all over a table": Way("if not all(value > {limit} for value in [{x}] if value is not None):\n    raise ValueError('no')"),
    # --- match
    "match with a guard": Way("match {x}:\n    case None:\n        pass\n    case value if value <= {limit}:\n        raise ValueError('no')"),
    "match by type": Way("match {x}:\n    case int() if {x} <= {limit}:\n        raise ValueError('no')"),
    "match by type with a name": Way("match {x}:\n    case int(value) | float(value) if value <= {limit}:\n        raise ValueError('no')", is_read=False),
    "match of a test": Way("match {x} is not None and {x} <= {limit}:\n    case True:\n        raise ValueError('no')"),
    "match with a wildcard": Way("match {x} is None or {x} > {limit}:\n    case True:\n        pass\n    case _:\n        raise ValueError('no')"),
    "match of a tuple": Way("match ({x},):\n    case (value,) if value is not None and value <= {limit}:\n        raise ValueError('no')", is_read=False),
    # --- exceptions
    "try and finally": Way("try:\n    if {x} is not None and {x} <= {limit}:\n        raise ValueError('no')\nfinally:\n    pass"),
    "finally": Way("try:\n    pass\nfinally:\n    if {x} is not None and {x} <= {limit}:\n        raise ValueError('no')"),
    "the else of a try": Way("try:\n    limit = {x}\nexcept AttributeError:\n    limit = None\nelse:\n    if limit is not None and limit <= {limit}:\n        raise ValueError('no')"),
    "a local from a try": Way("try:\n    limit = {x}\nexcept AttributeError:\n    limit = None\nif limit is not None and limit <= {limit}:\n    raise ValueError('no')"),
    "raised and raised again": Way("try:\n    if {x} is not None and {x} <= {limit}:\n        raise ValueError('no')\nexcept ValueError as error:\n    raise RuntimeError('no') from error"),
    "asserted and raised": Way("try:\n    assert {x} is None or {x} > {limit}\nexcept AssertionError:\n    raise ValueError('no')"),
    "caught elsewhere": Way("try:\n    if {x} is not None and {x} <= {limit}:\n        raise ValueError('no')\nexcept KeyError:\n    pass"),
    "a conversion that may fail": Way("try:\n    limit = int({x})\nexcept TypeError:\n    limit = 1\nif limit <= {limit}:\n    raise ValueError('no')", is_read=False),
    "with": Way("with lock:\n    if {x} is not None and {x} <= {limit}:\n        raise ValueError('no')"),
    "a raise of one of two": Way("if {x} is not None and {x} <= {limit}:\n    raise ValueError('no') if strict else TypeError('no')"),
    # --- calls
    "a method that raises": Way("self._check({x})", "def _check(self, value):\n    if value is not None and value <= {limit}:\n        raise ValueError('no')"),
    "a method with a name for it": Way("self._check('x', value={x})", "def _check(self, name, value=1):\n    if value is not None and value <= {limit}:\n        raise ValueError(name)"),
    "a method that returns early": Way("self._check({x})", "def _check(self, value):\n    if value is None:\n        return\n    if value <= {limit}:\n        raise ValueError('no')"),
    "a method that looks itself": Way("self._check()", "def _check(self):\n    if {x} is not None and {x} <= {limit}:\n        raise ValueError('no')"),
    "a static method": Way("self._check({x})", "@staticmethod\ndef _check(value):\n    if value is not None and value <= {limit}:\n        raise ValueError('no')"),
    "a class method": Way("self._check({x})", "@classmethod\ndef _check(cls, value):\n    if value is not None and value <= {limit}:\n        raise ValueError('no')"),
    "a method by the class": Way("GenerationConfig._check({x})", "@staticmethod\ndef _check(value):\n    if value is not None and value <= {limit}:\n        raise ValueError('no')"),
    "a method of a method": Way("self._check({x})", "def _check(self, value):\n    self._above(value)\ndef _above(self, value):\n    if value is not None and value <= {limit}:\n        raise ValueError('no')"),
    "a method that is only called where needed": Way("if {x} is not None:\n    self._check({x})", "def _check(self, value):\n    if value <= {limit}:\n        raise ValueError('no')"),
    "a method called by a short circuit": Way("{x} is None or self._check({x})", "def _check(self, value):\n    if value <= {limit}:\n        raise ValueError('no')"),
    "a method that gives the value": Way("limit = self._checked({x})", "def _checked(self, value):\n    if value is not None and value <= {limit}:\n        raise ValueError('no')\n    return value"),
    "a predicate": Way("if self._is_bad({x}):\n    raise ValueError('no')", "def _is_bad(self, value):\n    return value is not None and value <= {limit}"),
    "a predicate in steps": Way("if self._is_bad({x}):\n    raise ValueError('no')", "def _is_bad(self, value):\n    if value is None:\n        return False\n    return value <= {limit}"),
    "a predicate of the object": Way("if not self._is_good():\n    raise ValueError('no')", "def _is_good(self):\n    return {x} is None or {x} > {limit}"),
    "a property": Way("if self._bad:\n    raise ValueError('no')", "@property\ndef _bad(self):\n    return {x} is not None and {x} <= {limit}"),
    "a method that always raises": Way("if {x} is not None and {x} <= {limit}:\n    self._fail('no')", "def _fail(self, message):\n    raise ValueError(message)"),
    "methods in a table": Way("for check in (self._check, self._other):\n    check({x})", "def _check(self, value):\n    if value is not None and value <= {limit}:\n        raise ValueError('no')\ndef _other(self, value):\n    pass"),
    "a function": Way("_check({x})", top="def _check(value):\n    if value is not None and value <= {limit}:\n        raise ValueError('no')"),
    "a function of the object": Way("_check(self)", top="def _check(config):\n    if config.{name} is not None and config.{name} <= {limit}:\n        raise ValueError('no')"),
    "a predicate at the top": Way("if _is_bad({x}):\n    raise ValueError('no')", top="def _is_bad(value):\n    return value is not None and value <= {limit}"),
    "a constant at the top": Way("if {x} is not None and {x} <= _LEAST:\n    raise ValueError('no')", top="_LEAST = {limit}"),
    "a constant of the class": Way("if {x} is not None and {x} <= self._least:\n    raise ValueError('no')", "_least = {limit}"),
    "a table at the top": Way("for name, least in _LEAST:\n    value = getattr(self, name)\n    if value is not None and value <= least:\n        raise ValueError(name)", top="_LEAST = (('{name}', {limit}),)"),
    "names in a table": Way("for name in ('{name}',):\n    if getattr(self, name) is not None and getattr(self, name) <= {limit}:\n        raise ValueError(name)"),
    "getattr": Way("if getattr(self, '{name}', None) is not None and getattr(self, '{name}') <= {limit}:\n    raise ValueError('no')"),
    "vars": Way("values = vars(self)\nif values['{name}'] is not None and values['{name}'] <= {limit}:\n    raise ValueError('no')"),
    "the object in a local": Way("config = self\nif config.{name} is not None and config.{name} <= {limit}:\n    raise ValueError('no')"),
    # --- what cannot be followed
    "a function that is not here": Way("if is_bad({x}):\n    raise ValueError('no')", top="from elsewhere import is_bad", is_read=False),
    "a check that is not here": Way("check({x})", top="from elsewhere import check", is_read=False),
    "a check of another module": Way("checks.above({x}, {limit})", top="from . import checks", is_read=False),
    "a method that is not here": Way("self._is_checked_by_a_base({x})", is_read=False),
    "the object passed on": Way("if is_bad(self):\n    raise ValueError('no')", top="from elsewhere import is_bad", is_read=False),
    "a method of the object that is not here": Way("if self._is_bad_in_a_base():\n    raise ValueError('no')", is_read=False),
    "a check of the object that is not here": Way("self._is_checked_by_a_base()", is_read=False),
    "problems found by a name that is calculated": Way("problems = []\nfor name in names():\n    value = getattr(self, name)\n    if value is not None and value <= {limit}:\n        problems.append(name)\nif problems:\n    raise ValueError(problems)", is_read=False),
    "another value by then": Way("limit = {x}\nlimit -= 1\nif limit is not None and limit + 1 <= {limit}:\n    raise ValueError('no')", is_read=False),
    "calculated": Way("if {x} is not None and {x} - 1 < {limit}:\n    raise ValueError('no')", is_read=False),
    "a minus in front": Way("if {x} is not None and -{x} >= {limit}:\n    raise ValueError('no')", is_read=False),
    "the smallest of a few": Way("if {x} is not None and min({x}, 1) <= {limit}:\n    raise ValueError('no')", is_read=False),
    "a name that is calculated": Way("for name in names():\n    if getattr(self, name) is not None and getattr(self, name) <= {limit}:\n        raise ValueError(name)", is_read=False),
    "a loop with a memory": Way("smallest = 1\nfor value in values({x}):\n    smallest = min(smallest, value)\nif smallest <= {limit}:\n    raise ValueError('no')", is_read=False),
    "a call that calls itself": Way("self._check({x})", "def _check(self, value):\n    if value is not None and value <= {limit}:\n        raise ValueError('no')\n    self._check(value)", is_read=False),
    "swallowed, but not for sure": Way("try:\n    if {x} is not None and {x} <= {limit}:\n        raise make('no')\nexcept KeyError:\n    pass", is_read=False),
    "a setting of a setting": Way("if is_strict() and {x} is not None and {x} <= {limit}:\n    raise ValueError('no')", is_read=False),
}  # fmt: skip
"""The ways, by what is special about each."""
