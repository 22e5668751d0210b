"""The keywords of a request."""

from collections.abc import Iterable
from typing import Any

from molotov.client.reading import USUAL_READING, Reading, reading_of

UNSET = object()


class Options:
    """The keywords of a request, as aiohttp has them."""

    def __init__(
        self,
        *,
        params: Any = None,
        data: Any = None,
        json: Any = None,
        headers: Any = None,
        cookies: Any = None,
        auth: Any = None,
        timeout: Any = UNSET,
        allow_redirects: bool = True,
        max_redirects: int = 10,
        raise_for_status: Any = None,
        read_until_eof: bool = True,
        read_bufsize: int | None = None,
        auto_decompress: bool | None = None,
        max_line_size: int | None = None,
        max_field_size: int | None = None,
        max_headers: int | None = None,
        trace_request_ctx: Any = None,
        ssl: Any = True,
        server_hostname: str | None = None,
        verify_ssl: bool | None = None,
        fingerprint: bytes | None = None,
        ssl_context: Any = None,
        compress: str | bool | None = None,
        chunked: bool | None = None,
        expect100: bool = False,
        skip_auto_headers: Iterable[str] | None = None,
        proxy: Any = None,
        proxy_auth: Any = None,
        proxy_headers: Any = None,
        middlewares: Iterable[Any] | None = None,
        upload_tracker: Any = None,
        name: str | None = None,
    ) -> None:
        self.params = params
        self.data = data
        self.json = json
        self.headers = headers
        self.cookies = cookies
        self.auth = auth
        self.timeout = timeout
        self.allow_redirects = allow_redirects
        self.max_redirects = max_redirects
        self.raise_for_status = raise_for_status
        self.read_until_eof = read_until_eof
        self.read_bufsize = read_bufsize
        self.auto_decompress = auto_decompress
        self.max_line_size = max_line_size
        self.max_field_size = max_field_size
        self.max_headers = max_headers
        self.trace_request_ctx = trace_request_ctx
        self.middlewares = middlewares
        self.upload_tracker = upload_tracker
        self.name = name
        self.ssl = ssl
        self.server_hostname = server_hostname
        self.older_ssl = (verify_ssl, ssl_context, fingerprint)
        self.compress = compress
        self.chunked = chunked
        self.expect100 = expect100
        self.skip_auto_headers = skip_auto_headers
        self.proxy = proxy
        self.proxy_auth = proxy_auth
        self.proxy_headers = proxy_headers

    def reading(self, usual: Reading) -> Reading | None:
        """How the answer is read; None: as usual."""
        reading = reading_of(
            usual,
            auto_decompress=self.auto_decompress,
            read_bufsize=self.read_bufsize,
            max_line_size=self.max_line_size,
            max_field_size=self.max_field_size,
            max_headers=self.max_headers,
            read_until_eof=self.read_until_eof,
        )
        return reading if reading != usual or usual != USUAL_READING else None

    def merge_ssl(self) -> None:
        """Makes one `ssl` of it and its older names.

        :raises TypeError: for what cannot be one.
        :raises ValueError: where two of them are given.
        """
        if self.ssl is True and self.older_ssl == (None, None, None):
            return
        from molotov.client.tls import merged

        self.ssl = merged(self.ssl, *self.older_ssl)


# In the words of who is wrong about them: an unknown keyword's message begins
# with the function's name.
Options.__init__.__qualname__ = "ClientSession._request"
