"""An identity provider for tests: a real JWKS server on loopback, and the tokens that it would make."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

ISSUER, AUDIENCE = "https://id.example.com", "plumbline"


@cache
def rsa_key(name: str, bits: int = 2_048) -> rsa.RSAPrivateKey:
    """A key of its own for each name; they take a while to make."""
    assert name
    return rsa.generate_private_key(65_537, bits)


@cache
def ec_key(name: str) -> ec.EllipticCurvePrivateKey:
    """As `rsa_key`."""
    assert name
    return ec.generate_private_key(ec.SECP256R1())


def public(name: str, key: Any = None, **more: Any) -> dict[str, Any]:
    """The public half of a key as a JWK."""
    key = key or rsa_key(name)
    algorithm = ECAlgorithm if isinstance(key, ec.EllipticCurvePrivateKey) else RSAAlgorithm
    return algorithm.to_jwk(key.public_key(), as_dict=True) | {"kid": name} | more


def claims(**changed: Any) -> dict[str, Any]:
    """Good claims; a value of None takes one away."""
    now = int(time.time())
    good = {"iss": ISSUER, "aud": AUDIENCE, "sub": "u-17", "org": "acme", "iat": now, "exp": now + 600}
    return {name: value for name, value in (good | changed).items() if value is not None}


def token(name: str = "one", key: Any = None, algorithm: str = "RS256", header: Any = None, **changed: Any):
    """A token signed with the key of this name."""
    named = {"kid": name} if header is None else header
    return jwt.encode(claims(**changed), key or rsa_key(name), algorithm, headers=named)


class Provider:
    """What the server publishes now, and how often it was asked."""

    def __init__(self) -> None:
        self.body: bytes | None = b""
        self.status, self.headers, self.asked = 200, {}, 0
        self.url = ""

    def publish(self, *keys: dict[str, Any]) -> None:
        """From now on these are the keys."""
        self.body = json.dumps({"keys": keys}).encode()


@contextmanager
def running() -> Iterator[Provider]:
    """A provider that listens; its address is `url`."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.asked += 1
            self.send_response(provider.status)
            for name, value in provider.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(provider.body or b"")))
            self.end_headers()
            self.wfile.write(provider.body or b"")

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    provider.url = f"http://127.0.0.1:{server.server_address[1]}/jwks"
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
