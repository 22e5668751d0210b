"""Digest authentication (RFC 7616), as a middleware."""

import hashlib
import re
import secrets
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, NamedTuple

from yarl import URL

from molotov.client.redirect import drain
from molotov.exceptions import exception_class

Handler = Callable[[Any], Awaitable[Any]]

# By the names that servers use, in capitals, without "-SESS".
HASHES: dict[str, str] = {
    "MD5": "md5",
    "SHA": "sha1",
    "SHA-256": "sha256",
    "SHA256": "sha256",
    "SHA-512": "sha512",
    "SHA512": "sha512",
}
SUPPORTED = sorted(name + end for name in HASHES for end in ("", "-SESS"))
# A name, and maybe its value: in quotes, or a token.
PIECE = re.compile(
    r"[\s,]*([!#$%&'*+.^`|~\w-]++)"
    r'(?:\s*=\s*(?:"((?:[^"\\]|\\.)*+)"|([^\s,"]++)))?',
    re.ASCII,
)
QUOTED = frozenset(
    ("username", "realm", "nonce", "uri", "response", "opaque", "cnonce")
)

Parameters = dict[str, str]


class DigestAuthMiddleware:
    """Answers a server's digest challenge: for ``middlewares=``.

    Its user is that of the origin that is asked first; other origins see
    nothing of it, unless the first one's challenge names them as its domain.
    """

    def __init__(
        self, login: str, password: str, preemptive: bool = True
    ) -> None:
        """
        :param preemptive: once there was a challenge, requests are sent with
            an answer to it at once.
        :raises ValueError: for None, and for a colon in the login.
        """
        if login is None:
            raise ValueError("None is not allowed as login value")
        if password is None:
            raise ValueError("None is not allowed as password value")
        if ":" in login:
            raise ValueError(
                'A ":" is not allowed in username (RFC 1945#section-11.1)'
            )
        self._login = login
        self._password = password
        self._preemptive = preemptive
        self._challenge: Parameters = {}
        self._space: list[str] = []  # URLs that the challenge is for
        self._origin: URL | None = None
        self._nonce = ""
        self._nonce_count = 0  # requests with this nonce

    async def __call__(self, request: Any, handler: Handler) -> Any:
        """Sends a request on, again where the server asks who it is.

        :raises ClientError: for a challenge that cannot be answered.
        """
        if self._origin is None:
            self._origin = request.url.origin()
        elif request.url.origin() != self._origin and not self._covers(
            request.url
        ):
            return await handler(request)
        if self._preemptive and self._challenge and self._covers(request.url):
            await self._authorize(request)
        response = await handler(request)
        if not self._is_challenged(response):
            return response
        await drain(response)
        await self._authorize(request)
        response = await handler(request)
        self._is_challenged(response)  # with a new nonce, for the next one
        return response

    async def _authorize(self, request: Any) -> None:
        nonce = self._challenge.get("nonce", "")
        self._nonce_count = self._nonce_count + 1 if nonce == self._nonce else 1
        self._nonce = nonce
        body = b""
        if quality_of(self._challenge) == "auth-int" and request.body:
            body = await request.body.as_bytes()
        asked = Asked(request.method.upper(), request.url.raw_path_qs, body)
        request.headers["Authorization"] = authorization(
            self._challenge,
            (self._login, self._password),
            asked,
            self._nonce_count,
            secrets.token_hex(8),
        )

    def _is_challenged(self, response: Any) -> bool:
        if response.status != 401:
            return False
        found = challenge_in(response.headers.getall("WWW-Authenticate", ()))
        if not found:
            return False
        self._challenge = found
        origin = response.url.origin()
        domain = found.get("domain", "").split()
        self._space = [str(origin.join(URL(uri))) for uri in domain]
        self._space = self._space or [str(origin)]
        return True

    def _covers(self, url: URL) -> bool:
        """Whether the challenge is for that URL (section 3.3)."""
        text = str(url)
        return any(
            text == space
            or (text.startswith(space) and "/" in (space[-1], text[len(space)]))
            for space in self._space
        )


class Asked(NamedTuple):
    """What of a request goes into a digest."""

    method: str
    target: str  # as it stands in the request line
    body: bytes


def challenge_in(fields: Any) -> Parameters:
    """The parameters of the first digest challenge that we can answer, or of
    the first one, or none.

    :param fields: the values of ``WWW-Authenticate``.
    """
    found = [
        parameters
        for field in fields
        for scheme, parameters in challenges(field)
        if scheme.lower() == "digest" and parameters
    ]
    answerable = (c for c in found if hash_of(c) is not None)
    return next(answerable, found[0] if found else {})


def challenges(field: str) -> Iterator[tuple[str, Parameters]]:
    """Each challenge of a field: its scheme and parameters (RFC 9110 section
    11.6.1). What is broken ends it."""
    scheme, parameters = "", Parameters()
    at = 0
    while piece := PIECE.match(field, at):
        at = piece.end()
        name, quoted, token = piece.groups()
        if quoted is None and token is None:
            if scheme:
                yield scheme, parameters
            scheme, parameters = name, {}
            continue
        value = token if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
        parameters.setdefault(name.lower(), value)
    if scheme:
        yield scheme, parameters


def hash_of(challenge: Parameters) -> str | None:
    """hashlib's name of the algorithm; None where it is none of ours."""
    name = challenge.get("algorithm", "MD5").upper()
    return HASHES.get(name.removesuffix("-SESS"))


def quality_of(challenge: Parameters) -> str:
    """The `qop` that is taken; "" where none is offered.

    :raises ClientError: where none that we know is.
    """
    offered = challenge.get("qop", "")
    qualities = {quality.strip() for quality in offered.split(",")}
    for quality in ("auth-int", "auth"):
        if quality in qualities:
            return quality
    if offered:
        raise failure(
            "Digest auth error: Unsupported Quality of Protection (qop) "
            f"value(s): {offered}"
        )
    return ""


def failure(text: str) -> BaseException:
    error: BaseException = exception_class("ClientError")(text)
    return error


def authorization(
    challenge: Parameters,
    user: tuple[str, str],
    asked: Asked,
    nonce_count: int,
    cnonce: str,
) -> str:
    """The value of an ``Authorization`` field that answers a challenge
    (RFC 7616 section 3.4).

    :param user: login and password.
    :param nonce_count: requests with this nonce, this one among them.
    :param cnonce: the client's own nonce.
    :raises ClientError: where the challenge cannot be answered.
    """
    for name in ("realm", "nonce"):
        if name not in challenge:
            raise failure(
                f"Malformed Digest auth challenge: Missing '{name}' parameter"
            )
    nonce, realm = challenge["nonce"], challenge["realm"]
    if not nonce:
        raise failure(
            "Security issue: Digest auth challenge contains empty 'nonce' value"
        )
    quality = quality_of(challenge)
    algorithm = challenge.get("algorithm", "MD5")
    hash_name = hash_of(challenge)
    if hash_name is None:
        raise failure(
            "Digest auth error: Unsupported hash algorithm: "
            f"{algorithm.upper()}. "
            f"Supported algorithms: {', '.join(SUPPORTED)}"
        )

    def digest(*parts: str | bytes) -> str:
        coded = (p.encode() if isinstance(p, str) else p for p in parts)
        return hashlib.new(hash_name, b":".join(coded)).hexdigest()

    secret = digest(user[0], realm, user[1])
    if algorithm.upper().endswith("-SESS"):
        secret = digest(secret, nonce, cnonce)
    what = [asked.method, asked.target]
    if quality == "auth-int":
        what.append(digest(asked.body))
    count = f"{nonce_count:08x}"
    middle = (count, cnonce, quality) if quality else ()
    fields = {
        "username": user[0],
        "realm": realm,
        "nonce": nonce,
        "uri": asked.target,
        "response": digest(secret, nonce, *middle, digest(*what)),
        "algorithm": algorithm,
    }
    if opaque := challenge.get("opaque"):
        fields["opaque"] = opaque
    if quality:
        fields.update(qop=quality, nc=count, cnonce=cnonce)
    return "Digest " + ", ".join(
        f'{name}="{escaped(value)}"' if name in QUOTED else f"{name}={value}"
        for name, value in fields.items()
    )


def escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
