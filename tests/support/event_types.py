"""The streams' events as TypeScript, made from the AsyncAPI document: what `static/sdk/events.d.ts` holds.

python -m tests.support.event_types        writes it
"""

import json
import re
import textwrap
from typing import Final

from festival_push.web.api.pages import static_folder
from tests.support.contract import ASYNCAPI, Json

FILE: Final = static_folder() / "sdk/events.d.ts"
_PREFIX: Final = "#/components/schemas/"
_PLAIN: Final = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
_KNOWN: Final = frozenset({
    "$ref", "additionalProperties", "anyOf", "const", "default", "description", "enum", "format", "items", "properties",
    "required", "title", "type",
})  # fmt: skip
"""The keywords that are rendered or may be passed over; any other one may change what a value is."""
_EVENTS: Final = {"person": "StreamEvents", "board": "BoardEvents"}
_CHARS_MAX: Final = 116
_HEAD: Final = (
    "/** What the streams tell, by event name. Made from `/v1/asyncapi.json`: `python -m tests.support.event_types`\n"
    " * writes it. Amounts are integers in minor units, times RFC 3339 in UTC. */\n"
)


def event_types() -> str:
    """Return the whole file."""
    parts = [_declaration(name, schema) for name, schema in ASYNCAPI["components"]["schemas"].items()]
    parts += [_map(channel, interface) for channel, interface in _EVENTS.items()]
    return "\n".join([_HEAD, *parts])


def ts_type(schema: Json) -> str:
    """Return a schema's type. Raises ValueError for what can't be said faithfully."""
    if unknown := schema.keys() - _KNOWN:
        raise ValueError(f"TypeScript can't say {sorted(unknown)}")
    match schema:
        case {"$ref": str(ref)}:
            said = ref.removeprefix(_PREFIX)
        case {"const": value}:
            said = json.dumps(value)
        case {"enum": list(values)}:
            said = " | ".join(json.dumps(value) for value in values)
        case {"anyOf": list(options)}:
            said = " | ".join(ts_type(option) for option in options)
        case {"type": "array", "items": item}:
            inner = ts_type(item)
            said = f"({inner})[]" if " | " in inner else f"{inner}[]"
        case {"type": "object", "properties": dict()}:
            said = "{\n" + _members(schema) + "}"
        case {"type": "object", "additionalProperties": dict(inner)}:
            said = f"Record<string, {ts_type(inner)}>"
        case {"type": str(plain)} if plain in _PLAIN:
            said = _PLAIN[plain]
        case _:
            raise ValueError(f"TypeScript can't say {schema}")
    return said


def _declaration(name: str, schema: Json) -> str:
    body = ts_type(schema)
    head = f"export interface {name} " if body.startswith("{") else f"export type {name} = "
    return f"{_comment(schema.get('description', ''))}{head}{body}{'' if body.startswith('{') else ';'}\n"


def _members(schema: Json) -> str:
    """Return the lines of an object's fields; one that isn't required is left out, and never undefined."""
    required = schema.get("required", ())
    lines = [
        f"{_comment(field.get('description', ''))}{name}{'' if name in required else '?'}: {ts_type(field)};\n"
        for name, field in schema["properties"].items()
    ]
    return textwrap.indent("".join(lines), "  ")


def _map(channel: str, interface: str) -> str:
    """Return the data of each event of a stream, by the event's name."""
    lines = []
    for event, message in ASYNCAPI["channels"][channel]["messages"].items():
        payload = ASYNCAPI["components"]["messages"][message["$ref"].rpartition("/")[2]]["payload"]
        lines.append(f"{json.dumps(event)}: {ts_type(payload)};\n")
    about = f"The events of `{ASYNCAPI['channels'][channel]['address']}`, and their data."
    return f"{_comment(about)}export interface {interface} {{\n{textwrap.indent(''.join(lines), '  ')}}}\n"


def _comment(text: str) -> str:
    """Return the first paragraph as a comment, or nothing."""
    words = re.sub(r"\s+", " ", text.partition("\n\n")[0]).strip()
    if not words:
        return ""
    return "/** " + "\n * ".join(textwrap.wrap(words, _CHARS_MAX - 4)) + " */\n"


if __name__ == "__main__":
    FILE.write_text(event_types(), "utf-8")
