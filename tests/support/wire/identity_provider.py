"""An identity provider on the loopback interface: publishes its keys, signs tokens, counts who asks."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

_MADE_ONCE: Final = rsa.generate_private_key(public_exponent=65537, key_size=2048)  # slow to make
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


class LocalProvider:
    """Keys `rsa`, `ec` and `ed`; usable as a context manager."""

    def __init__(self) -> None:
        self.keys: dict[str, tuple[str, PrivateKey]] = {
            "rsa": ("RS256", _MADE_ONCE),
            "ec": ("ES256", ec.generate_private_key(ec.SECP256R1())),
            "ed": ("EdDSA", ed25519.Ed25519PrivateKey.generate()),
        }
        self.further_keys: list[dict[str, Any]] = []  # JWKs as they are
        self.fetches = 0
        self.answer: bytes | None = None  # instead of the keys
        self.status = 200
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.fetches += 1
                body = provider.answer if provider.answer is not None else provider.jwks()
                self.send_response(provider.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # as in the base class
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def __enter__(self) -> "LocalProvider":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/jwks.json"

    def jwks(self) -> bytes:
        """The public keys."""
        return json.dumps(
            {
                "keys": [_jwk(key) | {"kid": kid, "use": "sig"} for kid, (_, key) in self.keys.items()]
                + self.further_keys
            }
        ).encode()

    def sign(self, key: str, payload: dict[str, Any], *, kid: str | None = None) -> str:
        """A token signed with one of the keys; `kid` is what it calls that key."""
        algorithm, private = self.keys[key]
        return jwt.encode(payload, private, algorithm=algorithm, headers={"kid": kid or key})


def _jwk(key: PrivateKey) -> dict[str, Any]:
    match key:
        case rsa.RSAPrivateKey():
            return RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
        case ec.EllipticCurvePrivateKey():
            return ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
        case _:
            return OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)
