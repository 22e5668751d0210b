"""The content codings that are asked for."""

import sys
from importlib.util import find_spec


def accept_encoding() -> str:
    """What Accept-Encoding says: what aiohttp's would here, so that a server
    sends the same. ``br`` and ``zstd`` are asked for where the packages are
    installed that aiohttp needs for them; decoded they are in any case."""
    names = ["gzip", "deflate"]
    if any(find_spec(name) for name in ("brotli", "brotlicffi")):
        names.append("br")
    if sys.version_info >= (3, 14) or _has_backport():
        names.append("zstd")
    return ", ".join(names)


def _has_backport() -> bool:
    try:
        return find_spec("backports.zstd") is not None
    except ModuleNotFoundError:
        return False
