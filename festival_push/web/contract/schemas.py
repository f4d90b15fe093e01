"""JSON schemas of the types of requests, answers and events."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from festival_push.web.parsing.fields import PUBLISHED, AmountOrAll, Changes

Schema = dict[str, Any]
"""A JSON schema, or another part of a document: JSON, made here."""

PREFIX: Final = "#/components/schemas/"
_PAGE: Final = re.compile(r"Page_(\w+)_")
_INSTANTS: Final = frozenset({
    "timestamp", "createdAt", "updatedAt", "expiresAt", "readyAt", "calledAt", "comingAt", "completedAt",
    "cancellableUntil", "editedAt", "withdrawnAt",
})  # fmt: skip


class Schemas:
    """The JSON schema of every type. Named ones stand in `components`, once, and are referred to."""

    def __init__(self, types: Iterable[Any]) -> None:
        kinds = list(types)
        schemas, components = msgspec.json.schema_components(kinds, ref_template=PREFIX + "{name}")
        self._of = dict(zip(kinds, (_readied(schema) for schema in schemas), strict=True))
        self.components: dict[str, Schema] = {_short(name): _readied(schema) for name, schema in components.items()}
        for name, schema in self.components.items():
            assert "." not in name, f"{name}: another type is named like it"
            _polish(schema)
            if "title" in schema:
                schema["title"] = name
        for kind in kinds:
            if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
                _adapt(kind, self.resolved(kind))

    def of(self, kind: Any) -> Schema:
        """Return the schema of one of the types: mostly a reference."""
        return dict(self._of[kind])

    def resolved(self, kind: Any) -> Schema:
        """Return the schema of one of the types, written out and never a reference."""
        schema = self._of[kind]
        return self.components[schema["$ref"].removeprefix(PREFIX)] if "$ref" in schema else schema

    def leave_defaults_to_words(self, body: Any) -> None:
        """Say in words what a field of a request is if it is left out, here and in all that it refers to.

        Generators take a `default` for a promise that the field is there, and so ask their users to send it.
        """
        for schema in self._within(self._of[body], set()):
            for field in schema.get("properties", {}).values():
                default = field.pop("default", None)
                if default not in (None, ""):
                    told = f"`{json.dumps(default)}` if it is left out."
                    field["description"] = f"{field['description']} {told}" if "description" in field else told

    def _within(self, node: Any, seen: set[str]) -> Iterator[Schema]:
        """Yield the parts of a schema, each once, following references."""
        if isinstance(node, list):
            for each in node:
                yield from self._within(each, seen)
        elif isinstance(node, dict):
            yield node
            for name, value in node.items():
                if name != "$ref":
                    yield from self._within(value, seen)
                elif value not in seen:
                    seen.add(value)
                    yield from self._within(self.components[value.removeprefix(PREFIX)], seen)


def without_null(schema: Mapping[str, Any]) -> Schema:
    """Return the schema of a field that is left out instead of being null: in a query, or in an event."""
    plain = {name: value for name, value in schema.items() if not (name == "default" and value is None)}
    if "anyOf" not in plain:
        return plain
    options = [option for option in plain.pop("anyOf") if option != {"type": "null"}]
    return {**plain, **options[0]} if len(options) == 1 else {**plain, "anyOf": options}


def describe(kind: type) -> str:
    """Return a type's docstring on one line."""
    return " ".join((kind.__doc__ or "").split())


def _short(name: str) -> str:
    """Return the name as a client would write it: `OrderViewPage` for `Page_OrderView_`."""
    return _PAGE.sub(r"\1Page", name)


def _readied(node: Any) -> Any:
    """Return the node with short names in its references, and with the overrides under `PUBLISHED` applied."""
    match node:
        case dict():
            readied: Schema = {
                name: _short(value) if name == "$ref" and isinstance(value, str) else _readied(value)
                for name, value in node.items()
            }
            overrides = readied.pop(PUBLISHED, {})  # before the rest is copied, or it stays
            match readied:
                case {"enum": [bool(only)]}:  # generators know enums of text alone
                    readied = {"type": "boolean", "const": only, **{k: v for k, v in readied.items() if k != "enum"}}
            return {**readied, **overrides}
        case list():
            return [_readied(each) for each in node]
        case _:
            return node


def _polish(schema: Schema) -> None:
    """Say what Python's types don't: that enums hold strings, and which strings are instants."""
    if "enum" in schema:
        schema["type"] = "string"
    for name, field in schema.get("properties", {}).items():
        for option in field.get("anyOf", [field]) if name in _INSTANTS else ():
            if option.get("type") == "string":
                option["format"] = "date-time"


def _adapt(kind: type[msgspec.Struct], schema: Schema) -> None:
    if issubclass(kind, Changes):
        schema["minProperties"] = 1
    if issubclass(kind, AmountOrAll):
        schema["oneOf"] = [{"required": [name]} for name in ("amount", "all", *kind.ALTERNATIVES)]
    if kind.__struct_config__.omit_defaults:
        schema["properties"] = {
            name: field if name in schema["required"] else without_null(field)
            for name, field in schema["properties"].items()
        }
