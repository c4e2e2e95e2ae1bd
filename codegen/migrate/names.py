"""Finds the names in a script that refer to classes of configurations, configurations, or their dictionaries.

Nothing is rewritten here; :mod:`codegen.migrate.python` does that.
"""

from typing import cast

import libcst as cst

from codegen.migrate.plan import Plan


def dotted(node: cst.CSTNode) -> str:
    """``a.b.c`` of names and attributes, empty for anything else."""
    match node:
        case cst.Name(value=name):
            return name
        case cst.Attribute(value=value, attr=cst.Name(value=name)):
            inner = dotted(value)
            return f"{inner}.{name}" if inner else ""
    return ""


class Names(cst.CSTVisitor):
    """What the names of a file refer to, after it has visited the file.

    Attributes:
        classes: the parameter that takes each class, by the name of the class in this file; empty for the
            configuration itself.
        configs: names of configurations.
        settings: the parameter whose arguments are in each dictionary, by the name of the dictionary; empty
            for the parameters themselves.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.classes: dict[str, str] = {plan.engine.config_class: ""}
        self.configs: set[str] = set()
        self.settings: dict[str, str] = {}
        for model in (*plan.old.nested, *plan.new.nested):
            self.classes[model.name] = model.parameter

    def visit_ImportAlias(self, node: cst.ImportAlias) -> None:
        name = dotted(node.name)
        if node.asname is not None and name in self.classes:
            self.classes[dotted(node.asname.name)] = self.classes[name]

    def visit_Call(self, node: cst.Call) -> None:
        owner = self.owner(node)
        for argument in node.args:
            value = argument.value
            given = argument.keyword.value if argument.keyword else ""
            if (
                isinstance(value, cst.Name)
                and owner is not None
                and (argument.star == "**" or self.validates(node))
            ):
                self.settings[value.value] = owner
            if isinstance(value, cst.Name) and given == "update" and method(node) == "model_copy":
                self.settings[value.value] = ""
            if isinstance(value, cst.Name) and owner == "" and given and self.plan.takes_nested(given):
                self.settings.setdefault(value.value, given)

    def visit_Assign(self, node: cst.Assign) -> None:
        if isinstance(node.value, cst.Call) and self.makes_config(node.value):
            self.configs.update(name for target in node.targets if (name := dotted(target.target)))

    def visit_NamedExpr(self, node: cst.NamedExpr) -> None:
        if isinstance(node.value, cst.Call) and self.makes_config(node.value):
            self.configs.add(dotted(node.target))

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:
        if self.classes.get(dotted(node.annotation.annotation).rpartition(".")[2]) == "":
            self.configs.add(dotted(node.target))

    def visit_Param(self, node: cst.Param) -> None:
        if node.annotation and self.classes.get(dotted(node.annotation.annotation).rpartition(".")[2]) == "":
            self.configs.add(node.name.value)

    def owner(self, call: cst.Call) -> str | None:
        """The parameter whose nested class a call makes; empty: the configuration; None: any other call."""
        name = dotted(call.func)
        if self.validates(call):
            name = name.rpartition(".")[0]
        return self.classes.get(name.rpartition(".")[2])

    def validates(self, call: cst.Call) -> bool:
        """Whether it is a call of a class method that takes all settings as one dictionary."""
        return method(call) == "model_validate"

    def makes_config(self, call: cst.Call) -> bool:
        """Whether the result of a call is a configuration."""
        if self.owner(call) == "":
            return True
        return method(call) == "model_copy" and self.is_config(cast("cst.Attribute", call.func).value)

    def is_config(self, node: cst.BaseExpression) -> bool:
        """Whether an expression is a configuration."""
        name = dotted(node)
        if isinstance(node, cst.NamedExpr):
            return self.is_config(node.value)
        if isinstance(node, cst.Call):
            return self.makes_config(node)
        return bool(name) and (name in self.configs or name.endswith(f".{self.plan.engine.section}"))


def method(call: cst.Call) -> str:
    """The name of the method that is called, empty if it is not a method."""
    return call.func.attr.value if isinstance(call.func, cst.Attribute) else ""
