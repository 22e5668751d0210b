"""Forms, as a browser sends them: aiohttp's FormData."""

import io
import warnings
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from multidict import MultiDict, MultiDictProxy

from molotov.client.fields import ends_a_line
from molotov.client.multipart import MultipartWriter
from molotov.client.payload import BytesPayload, filename_of, get_payload

URL_ENCODED = "application/x-www-form-urlencoded"


class FormData:
    """A form: URL-encoded, or multipart where a field has a file, a file name
    or a content type."""

    def __init__(
        self,
        fields: Iterable[Any] = (),
        quote_fields: bool = True,
        charset: str | None = None,
        *,
        default_to_multipart: bool = False,
    ) -> None:
        """
        :param fields: a dict, pairs of name and value, or a file.
        :param quote_fields: percent-encode file names, as RFC 7578 has it.
        :param charset: of names and values; UTF-8 by default.
        """
        self._fields: list[tuple[dict[str, str], dict[str, str], Any]] = []
        self._is_multipart = default_to_multipart
        self._quote_fields = quote_fields
        self._charset = charset
        self._writer: MultipartWriter | None = None
        if isinstance(fields, dict):
            fields = list(fields.items())
        elif not isinstance(fields, list | tuple):
            fields = (fields,)
        self.add_fields(*fields)

    @property
    def is_multipart(self) -> bool:
        """Whether it is sent in parts, and not URL-encoded."""
        return self._is_multipart

    def add_field(
        self,
        name: str,
        value: Any,
        *,
        content_type: str | None = None,
        filename: str | None = None,
        content_transfer_encoding: str | None = None,
    ) -> None:
        """Adds a field.

        :raises TypeError: when a name or a type is no str.
        :raises ValueError: when one has a line's end in it.
        """
        if isinstance(value, io.IOBase):
            self._is_multipart = True
        elif (
            isinstance(value, bytes | bytearray | memoryview)
            and filename is None
            and content_transfer_encoding is None
        ):
            filename = name
        texts = {
            "filename": filename,
            "content_type": content_type,
            "content_transfer_encoding": content_transfer_encoding,
        }
        for what, text in texts.items():
            if text is not None:
                check_text(what, text)
                self._is_multipart = True
        check_text("name", name)
        if filename is None and isinstance(value, io.IOBase):
            filename = filename_of(value, name)
        if content_transfer_encoding is not None:
            warnings.warn(
                "content_transfer_encoding is deprecated and does nothing",
                DeprecationWarning,
                stacklevel=2,
            )
        parameters = {"name": name}
        if filename is not None:
            parameters["filename"] = filename
        headers = {} if content_type is None else {"Content-Type": content_type}
        self._fields.append((parameters, headers, value))

    def add_fields(self, *fields: Any) -> None:
        """Adds files, pairs of name and value, and multidicts of those.

        :raises TypeError: for anything else.
        """
        rest = list(fields)
        while rest:
            field = rest.pop(0)
            if isinstance(field, io.IOBase):
                self.add_field(filename_of(field, "unknown") or "", field)
            elif isinstance(field, MultiDict | MultiDictProxy):
                rest.extend(field.items())
            elif isinstance(field, list | tuple) and len(field) == 2:
                self.add_field(*field)
            else:
                raise TypeError(
                    "Only io.IOBase, multidict and (name, file) pairs allowed, "
                    "use .add_field() for passing more complex parameters, "
                    f"got {field!r}"
                )

    def __call__(self) -> Any:
        """The body."""
        if self._is_multipart:
            return self._multipart()
        charset = self._charset or "utf-8"
        pairs = [(name["name"], value) for name, _, value in self._fields]
        suffix = "" if charset == "utf-8" else f"; charset={charset}"
        return BytesPayload(
            urlencode(pairs, doseq=True, encoding=charset).encode(),
            content_type=URL_ENCODED + suffix,
        )

    def _multipart(self) -> MultipartWriter:
        if self._writer is None:
            self._writer = MultipartWriter("form-data")
        for parameters, headers, value in self._fields:
            try:
                part = get_payload(
                    value,
                    content_type=headers.get("Content-Type"),
                    headers=headers,
                    encoding=self._charset,
                )
            except LookupError:
                raise TypeError(
                    f"Can not serialize value type: {type(value)}\n "
                    f"headers: {headers}\n value: {value}"
                ) from None
            part.set_content_disposition(
                "form-data", quote_fields=self._quote_fields, **parameters
            )
            part.headers.popall("Content-Length", None)
            self._writer.append_payload(part)
        self._fields.clear()
        return self._writer


def check_text(what: str, value: Any) -> None:
    if not isinstance(value, str):
        raise TypeError(f"{what} must be an instance of str. Got: {value}")
    if ends_a_line(value):
        raise ValueError(
            "Forbidden control character detected in headers. "
            "Potential header injection attack."
        )
