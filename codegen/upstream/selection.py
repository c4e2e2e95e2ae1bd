"""Which statements of a definition concern some names, as :mod:`codegen.upstream.slices` describes it."""

import ast
from collections.abc import Collection, Iterable, Iterator

from codegen.upstream import signatures
from codegen.upstream.statements import Statement, words_in

_EXITS = (ast.Return, ast.Break, ast.Continue)
_BRANCHES = (ast.If, ast.Match)
_TESTS = (ast.If, ast.While, ast.Match, ast.match_case, ast.Assert)
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_BINDING = (ast.For, ast.AsyncFor, ast.With, ast.AsyncWith)


class Selection:
    """The choice among the statements of one definition.

    Args:
        statements: all statements, the definition itself first.
        names: those that the statements are chosen for.
        follows: whether what is derived from the names counts, too.

    Attributes:
        relevant: the places of the statements that concern the names themselves.
        chosen: those, and the ones that decide whether they are reached; empty if none is relevant.
    """

    def __init__(self, statements: list[Statement], names: Collection[str], *, follows: bool) -> None:
        self.statements = statements
        self.names = frozenset(names)
        self.follows = follows
        self.relevant: set[int] = set()
        self.chosen: set[int] = set()
        self._since: dict[str, int] = dict.fromkeys(self._arguments(), -1)
        self._built = frozenset(name for each in statements for name in _built_in(each))
        definition = statements[0].node
        if isinstance(definition, ast.ClassDef) and definition.name in self.names:
            self.chosen = {0}  # the claim is that there is such a class
        elif self.names:
            self._find_relevant()
            self._choose()

    def concerns(self, node: ast.AST) -> bool:
        """Whether an expression mentions a name, or a local that is derived from one somewhere."""
        return not words_in(node).isdisjoint(self.names | self._since.keys())

    def _arguments(self) -> Iterator[str]:
        """The arguments of functions that are among the names."""
        for each in self.statements:
            if isinstance(each.node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield from self.names & signatures.names(each.node.args)

    # --- what concerns the names

    def _find_relevant(self) -> None:
        """Add statements until nothing more follows from those that are there."""
        candidates = [each for each in self.statements if not each.is_definition]
        before = None
        while before != (before := (len(self.relevant), dict(self._since))):
            for each in candidates:
                if each.words & self.names or self._is_derived(each.reads, each.at):
                    self._add(each)

    def _is_derived(self, names: Iterable[str], at: int) -> bool:
        """Whether one of the locals is derived from a name by the time that a statement is reached."""
        return any(self._since.get(name, at) < at for name in names)

    def _add(self, statement: Statement) -> None:
        is_new = statement.at not in self.relevant
        self.relevant.add(statement.at)
        if self._passes_on(statement):
            self._derive(statement.stores | (statement.mutates & self._built), statement.at, statement)
        if is_new and isinstance(statement.node, _BRANCHES):
            for each in _decided_by(statement):
                self._add_branch(each, statement)

    def _passes_on(self, statement: Statement) -> bool:
        """Whether what it assigns is made of the names, or of what is derived from them."""
        return (
            isinstance(statement.node, _BINDING)
            or not statement.value_words.isdisjoint(self.names)
            or self._is_derived(statement.value_words, statement.at)
        )

    def _add_branch(self, statement: Statement, test: Statement) -> None:
        """Add a statement that is reached only on one branch of a test that asks for a name.

        After the test, what it assigns counts as derived from the name, unless no other statement assigns it.
        """
        self._add(statement)
        end = max(each.at for each in (test, *test.below))
        stored = statement.stores | (statement.mutates & self._built)
        self._derive((name for name in stored if self._is_assigned_otherwise(name, test)), end, test)

    def _derive(self, names: Iterable[str], at: int, within: Statement) -> None:
        if not self.follows:
            return
        loops = [each.at - 1 for each in within.around if isinstance(each.node, _LOOPS)]
        start = min([at, *loops])  # the next iteration sees it from the start of the loop
        for name in names:
            self._since[name] = min(start, self._since.get(name, start))

    def _is_assigned_otherwise(self, name: str, test: Statement) -> bool:
        """Whether a local is assigned outside of the branches of a test, or in several of them."""
        branches = set()
        for each in self.statements:
            if name in each.stores or name in each.mutates:
                branch = test.branch_of(each)
                if branch is None:
                    return True
                branches.add(branch)
        return len(branches) > 1

    # --- what decides whether it is reached

    def _choose(self) -> None:
        if not self.relevant:
            return
        self._choose_with_tests(self.relevant)
        last = max(self.chosen)
        exits = [each.at for each in self.statements if each.at < last and isinstance(each.node, _EXITS)]
        self._choose_with_tests(exits)
        self._choose_definitions()

    def _choose_with_tests(self, places: Iterable[int]) -> None:
        """Choose statements with the tests around them, and the handlers of what they raise."""
        for at in [*places]:
            self.chosen.add(at)
            for each in self.statements[at].around:
                self.chosen.add(each.at)
                if isinstance(each.node, ast.Try | ast.TryStar):
                    handlers = [one for one in each.inside if isinstance(one.node, ast.ExceptHandler)]
                    self.chosen.update(part.at for one in handlers for part in (one, *one.inside))

    def _choose_definitions(self) -> None:
        """Choose what assigns the locals that the chosen tests read."""
        seen: set[int] = set()
        while pending := [at for at in sorted(self.chosen - seen) if self._is_test(at)]:
            seen.update(pending)
            read = frozenset[str]().union(*(self.statements[at].reads for at in pending))
            self._choose_with_tests(
                each.at
                for each in self.statements
                if each.at not in self.chosen and not each.is_definition and each.stores & read
            )

    def _is_test(self, at: int) -> bool:
        return isinstance(self.statements[at].node, _TESTS)


def _decided_by(test: Statement) -> Iterator[Statement]:
    """What stands directly in the branches of a test, and what leaves the block further inside."""
    for each in test.below:
        is_direct = each.parent is test or isinstance(getattr(each.parent, "node", None), ast.match_case)
        if (is_direct and not each.inside) or isinstance(each.node, (*_EXITS, ast.Raise)):
            yield each


def _built_in(statement: Statement) -> Iterator[str]:
    """The local to which a statement assigns a new list, set or dictionary, which later ones may fill."""
    match statement.node:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Dict() | ast.List() | ast.Set()):
            yield name
