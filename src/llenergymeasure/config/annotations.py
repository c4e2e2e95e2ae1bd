"""Reading models as pydantic describes them: the fields of a class, and what an annotation consists of.

It works for any pydantic model. :mod:`llenergymeasure.config.phrasing` says in words what an annotation
accepts.
"""

from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo


def fields_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The fields of a model, under upstream's names where those cannot be Python's."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def annotation_of(field: FieldInfo) -> Any:
    """The complete annotation of a field; pydantic keeps the outermost markers separately."""
    return Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation


def unwrapped(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """An annotation without its markers, and the markers."""
    if get_origin(annotation) is Annotated:
        inner, *markers = get_args(annotation)
        return inner, tuple(markers)
    return annotation, ()


def members(annotation: Any) -> tuple[Any, ...]:
    """The alternatives of a union; any other type is its only alternative."""
    return get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
