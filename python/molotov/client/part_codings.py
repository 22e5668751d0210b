"""How the parts of a multipart body are encoded (RFC 2045 section 6)."""

import base64
import binascii
import zlib
from collections.abc import Iterator

BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
NOT_BASE64 = bytes(set(range(256)) - set(BASE64))


def decode_transfer(data: bytes, encoding: str) -> bytes:
    """
    :param encoding: of ``Content-Transfer-Encoding``, in small letters.
    :raises RuntimeError: for one that we do not know.
    :raises ValueError: for broken base64.
    """
    match encoding:
        case "base64":
            return base64.b64decode(data)
        case "quoted-printable":
            return binascii.a2b_qp(data)
        case "" | "binary" | "8bit" | "7bit":
            return data
    raise RuntimeError(f"unknown content transfer encoding: {encoding}")


def cut_base64(chunk: bytes) -> tuple[bytes, bytes]:
    """What can be decoded by itself, and the rest, of less than a group; all
    of it where there is no whole group."""
    rest = len(chunk.translate(None, NOT_BASE64)) % 4
    cut = len(chunk)
    while rest:
        cut -= 1
        if chunk[cut] in BASE64:
            rest -= 1
    return (chunk[:cut], chunk[cut:]) if cut else (chunk, b"")


def inflated(data: bytes, encoding: str, most: int) -> Iterator[bytes]:
    """The decoded content, in pieces of up to `most` bytes.

    :param encoding: of ``Content-Encoding``, in small letters.
    :raises RuntimeError: for one that we do not know.
    :raises ValueError: for what is broken.
    """
    if encoding in ("", "identity"):
        yield data
        return
    if encoding not in ("gzip", "deflate"):
        raise RuntimeError(f"unknown content encoding: {encoding}")
    # Deflate comes without zlib's wrapping in parts, as aiohttp sends it, and
    # with it from others.
    wrapped = encoding == "gzip" or data[:1] == b"\x78"
    wbits = {"gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}[encoding]
    decoder = zlib.decompressobj(wbits if wrapped else -zlib.MAX_WBITS)
    try:
        while piece := decoder.decompress(data, most):
            yield piece
            data = decoder.unconsumed_tail
        if rest := decoder.flush():
            yield rest
    except zlib.error as error:
        raise ValueError(f"broken {encoding}: {error}") from error
