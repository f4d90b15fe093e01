"""Say what a setting must be, for the error about one that is something else."""

from typing import Any, Final

from msgspec import inspect

_WORDS: Final[dict[type[inspect.Type], str]] = {
    inspect.BoolType: "true or false",
    inspect.CustomType: "a text",
    inspect.DictType: "a section",
    inspect.StrType: "a text",
    inspect.StructType: "a section",
    inspect.VarTupleType: 'a list of texts; in the environment as JSON, ["one", "two"]',
}


def expected(kind: Any) -> str:
    """Return a type and its bounds in words; instead of them the type's own description, if it has one."""
    match inspect.type_info(kind):
        case inspect.Metadata(extra_json_schema={"description": str(words)}):
            return words
        case inspect.IntType() as number:
            return "a whole number" + _range(number)
        case inspect.FloatType() as number:
            return "a number" + _range(number)
        case inspect.LiteralType(values=values):
            return " or ".join(str(value) or "empty" for value in values)
        case inspect.StrType() as text:
            return _WORDS[inspect.StrType] + _bounds(text)
        case other:
            return _WORDS[type(other)]


def _range(number: inspect.IntType | inspect.FloatType) -> str:
    bounds = {"from": number.ge, "above": number.gt, "up to": number.le, "below": number.lt}
    return "".join(f" {word} {bound}" for word, bound in bounds.items() if bound is not None)


def _bounds(text: inspect.StrType) -> str:
    if text.pattern is not None:
        return f" that fits {text.pattern}"
    return " with something in it" if text.min_length else ""
