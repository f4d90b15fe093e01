"""A request as its bytes, whatever a client library thinks of them."""

from dataclasses import dataclass
from urllib.parse import unquote_to_bytes


@dataclass(frozen=True, kw_only=True)
class RawRequest:
    """One request, without what names its caller and its length.

    Attributes:
        target: As in the request line: percent-encoded, with its query.
        who: The role in whose name it is sent; empty: nobody's.
        is_refused: Its answer must be a 4xx; else it may be any but a 5xx.
        in_bytes: Each byte of the body is a chunk of its own; six bytes on the wire.
    """

    name: str
    target: str
    method: str = "POST"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    who: str = ""
    is_refused: bool = True
    in_bytes: bool = False

    def head(self, token: str) -> list[tuple[bytes, bytes]]:
        """Its header fields, as sent."""
        fields = [("Host", "fest.test"), *self.headers]
        if token:
            fields.append(("Authorization", f"Bearer {token}"))
        if self.in_bytes:
            fields.append(("Transfer-Encoding", "chunked"))
        elif self.method != "GET":
            fields.append(("Content-Length", str(len(self.body))))
        return [(name.encode(), text.encode("latin-1")) for name, text in fields]

    def raw(self, token: str) -> bytes:
        """All its bytes; the server is to close the connection behind its answer."""
        lines = [f"{self.method} {self.target} HTTP/1.1".encode(), b"Connection: close"]
        lines += [name + b": " + text for name, text in self.head(token)]
        body = self.body
        if self.in_bytes:
            body = b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"
        return b"\r\n".join([*lines, b"", body])

    def scope(self, token: str) -> dict[str, object]:
        """What a server tells the application of it."""
        path, _, query = self.target.partition("?")
        return {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1",
            "method": self.method, "path": unquote_to_bytes(path).decode("utf-8", "replace"),
            "raw_path": path.encode(), "query_string": query.encode(), "root_path": "", "scheme": "http",
            "headers": [(name.lower(), text) for name, text in self.head(token)],
            "client": ("127.0.0.1", 1), "server": ("fest.test", 80),
        }  # fmt: skip
