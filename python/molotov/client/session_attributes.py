"""What a session tells of itself, and what of it scripts may change: aiohttp's
attributes."""

import warnings
from typing import TYPE_CHECKING, Any

from molotov import _engine
from molotov.client.fields import header_items
from molotov.client.session_options import (
    SessionDefaults,
    always_utf8,
    authorizes_twice,
    sends_plain_json,
    session_fields,
)

if TYPE_CHECKING:
    from multidict import CIMultiDict
    from yarl import URL

# Beyond it all are made anew.
_URLS_KNOWN = 10_000


class SessionAttributes(_engine.Session):
    """The attributes of aiohttp's ClientSession."""

    _defaults: SessionDefaults
    _headers: Any = None  # made when asked for
    # Its requests are driven by Python: molotov.client.stepped.
    _stepped = False

    def _take_up(self, defaults: SessionDefaults) -> None:
        """What its native half was not told."""
        self._defaults = defaults
        self._plain_json = sends_plain_json(defaults)
        self._asks_charset = defaults.resolve_charset is not always_utf8
        for config in defaults.trace_configs:
            config.freeze()
        self._stepped = bool(defaults.trace_configs or defaults.middlewares)
        if defaults.base_url is not None:
            self._base_urls = {}
        self._prepares = (
            self._stepped
            or authorizes_twice(defaults)
            or defaults.routed
            or callable(defaults.raise_for_status)
            or defaults.reading.minor_version != 1
            or (defaults.base_url is not None and defaults.auth is not None)
        )
        if defaults.cookie_jar is not None:
            self._use_jar(defaults.cookie_jar)
            if defaults.cookies:
                defaults.cookie_jar.update_cookies(defaults.cookies)

    def _join(self, url: str) -> str:
        """The URL together with the base URL; remembered for the engine."""
        from yarl import URL

        whole = str(self._joined(URL(url)))
        known = self._base_urls
        if known is not None:
            if len(known) >= _URLS_KNOWN:
                known.clear()
            known[url] = whole
        return whole

    def _joined(self, url: "URL") -> "URL":
        base: URL | None = self._defaults.base_url
        return url if base is None or url.absolute else base.join(url)

    def _whole_url(self, url: Any) -> "str | URL":
        """Together with the base URL: text that is still to be quoted, or a
        URL that is taken as it is."""
        if isinstance(url, str):
            return url if self._defaults.base_url is None else self._join(url)
        from yarl import URL

        return self._joined(URL(url))

    def auth_for(self, url: str) -> Any:
        """The session's user; with a base URL told to that host alone."""
        defaults = self._defaults
        if defaults.auth is not None and defaults.base_url is not None:
            from yarl import URL

            if URL(url).origin() != defaults.base_url.origin():
                return None
        return defaults.auth

    def _headers_changed(self) -> None:
        fields = header_items(self._headers)
        rendered = session_fields(
            fields,
            self._defaults.auth,
            self._defaults.skip_auto_headers,
            self._defaults.force_close,
        )
        self._defaults = self._defaults._replace(fields=fields)
        self._set_fields(*rendered)
        self._prepares |= authorizes_twice(self._defaults)
        self._plain_json = sends_plain_json(self._defaults)

    @property
    def headers(self) -> "CIMultiDict[str]":
        """Fields of each request, over the client's own. May be changed."""
        if self._headers is None:
            from molotov.client.session_headers import SessionHeaders

            self._headers = SessionHeaders(self._defaults.fields)
            self._headers.tell(self._headers_changed)
        headers: CIMultiDict[str] = self._headers
        return headers

    @property
    def cookie_jar(self) -> Any:
        """A :class:`CookieJar`, or the one that it was given."""
        if self._jar is None:
            from molotov.client.cookie_jar import CookieJar

            self._hand_over_cookies(CookieJar())
        return self._jar

    @property
    def auth(self) -> Any:
        """As it was given."""
        return self._defaults.auth

    @property
    def timeout(self) -> Any:
        """An object with the parts of aiohttp's ClientTimeout."""
        return self._defaults.timeout

    @property
    def version(self) -> Any:
        """Of HTTP, in its requests."""
        return self._defaults.version

    @property
    def json_serialize(self) -> Any:
        """What makes the text of ``json=``."""
        return self._defaults.json_serialize

    @property
    def skip_auto_headers(self) -> frozenset[str]:
        """Fields of the client's own that are left out."""
        return self._defaults.skip_auto_headers

    @property
    def trace_configs(self) -> list[Any]:
        """Those that it was made with."""
        return self._defaults.trace_configs

    @property
    def trust_env(self) -> bool:
        """Whether proxy variables and ``.netrc`` count."""
        return self._defaults.trust_env

    @property
    def raise_for_status(self) -> Any:
        """As it was given."""
        return self._defaults.raise_for_status

    @property
    def auto_decompress(self) -> bool:
        """Whether bodies are decoded."""
        return self._defaults.reading.decode

    @property
    def connector(self) -> Any:
        """As it was given; else a :class:`TCPConnector`. None once
        :meth:`detach` was called."""
        if self._defaults.connector is None and not self.closed:
            from molotov.client.connector import TCPConnector

            made = TCPConnector(loop=self.loop)
            self._use_connector(made, True)
            self._defaults = self._defaults._replace(connector=made)
        return self._defaults.connector

    @property
    def connector_owner(self) -> bool:
        """Whether its connector is closed together with it."""
        return self._defaults.connector_owner

    @property
    def requote_redirect_url(self) -> bool:
        """Whether the URLs of redirects are brought into one form."""
        return self._defaults.requote_redirect_url

    @requote_redirect_url.setter
    def requote_redirect_url(self, requotes: bool) -> None:
        warnings.warn(
            "session.requote_redirect_url modification is deprecated #2778",
            DeprecationWarning,
            stacklevel=2,
        )
        self._set_requotes(requotes)
        self._defaults = self._defaults._replace(requote_redirect_url=requotes)

    @property
    def base_url(self) -> "URL | None":
        """What relative URLs are seen from."""
        base: URL | None = self._defaults.base_url
        return base

    def detach(self) -> None:
        """Closes it, but not its connector."""
        self._owns_connector = False
        # Nothing in it waits.
        self.close()
        self._defaults = self._defaults._replace(connector=None)
