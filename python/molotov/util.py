"""Helpers that scripts use."""

import argparse
import json
import os
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, TextIO, Unpack

if TYPE_CHECKING:
    from yarl import URL

    from molotov.keywords import RequestOptions, SessionOptions

_vars: dict[Hashable, Any] = {}


def set_var(name: Hashable, value: Any) -> None:
    """Keeps a value under a name, for the fixtures and scenarios of a process.

    What was set before the processes were forked (in ``global_setup``) is seen
    by all of them; later changes stay in the process that made them.

    :param name: usually a str.
    :param value: whatever there is; not copied.
    """
    _vars[name] = value


def get_var(name: Hashable, factory: Callable[[], Any] | None = None) -> Any:
    """The value kept under that name.

    :param name: as :func:`set_var` was given it.
    :param factory: called without arguments where there is none yet, to make
        the one that is kept from then on.
    :returns: None where there is neither value nor factory.
    """
    if name not in _vars and factory is not None:
        _vars[name] = factory()
    return _vars.get(name)


def request(
    endpoint: "str | URL",
    verb: str = "GET",
    session_options: "SessionOptions | None" = None,
    **options: "Unpack[RequestOptions]",
) -> dict[str, Any]:
    """Makes one request and waits for the answer: not a coroutine.

    It may be called anywhere, but whoever calls it inside a scenario keeps all
    workers of the process waiting. What the session and the request raise is
    passed on.

    :param endpoint: the URL.
    :param verb: the method, in any case.
    :param session_options: keywords for the session that it is made with, those
        of :class:`SessionOptions`.
    :param options: keywords of the request, those of :class:`RequestOptions`.
    :returns: a dict with the ``content`` (a str), the ``status`` and the
        ``headers`` of the answer, whatever its status.
    :raises TimeoutError: when it takes more than 30 seconds.
    :raises AttributeError: for a verb that a session does not have.
    """
    from molotov._blocking import fetch

    return fetch(
        endpoint, verb, session_options, options, lambda answer: answer.text()
    )


def json_request(
    endpoint: "str | URL",
    verb: str = "GET",
    session_options: "SessionOptions | None" = None,
    **options: "Unpack[RequestOptions]",
) -> dict[str, Any]:
    """As :func:`request`, with what the answer's JSON means as ``content``.

    :param endpoint: the URL.
    :param verb: the method, in any case.
    :param session_options: keywords for the session.
    :param options: keywords of the request.
    :returns: a dict with the ``content``, the ``status`` and the ``headers``.
    :raises ContentTypeError: when the answer does not say that it is JSON.
    """
    from molotov._blocking import fetch

    return fetch(
        endpoint, verb, session_options, options, lambda answer: answer.json()
    )


class OptionError(Exception):
    """Why a configuration file cannot be used."""


def expand_options(
    config: str | TextIO, scenario: str, args: argparse.Namespace
) -> None:
    """Puts what a test of a configuration file says onto ``args``, as it is.

    :param config: the file's path, or the file, open.
    :param scenario: the test's name.
    :param args: what gets an attribute for each key.
    :raises OptionError: when the file cannot be used, or has no such test.
    """
    document = _read_config(config)
    if not isinstance(document, dict) or "molotov" not in document:
        raise OptionError("Bad config -- no molotov key")
    settings = document["molotov"]
    if not isinstance(settings, dict) or "tests" not in settings:
        raise OptionError("Bad config -- no molotov/tests key")
    tests = settings["tests"]
    if not isinstance(tests, dict) or scenario not in tests:
        raise OptionError(f"Can't find {scenario!r} in the config")
    if not isinstance(tests[scenario], dict):
        raise OptionError(f"Bad config -- the test {scenario!r} is no object")
    for key, value in tests[scenario].items():
        setattr(args, key, value)


def _read_config(config: str | TextIO) -> Any:
    try:
        if not isinstance(config, str):
            return json.loads(config.read())
        if not os.path.exists(config):
            raise OptionError(f"Can't find {config!r}")
        with open(config, encoding="utf-8") as file:
            return json.load(file)
    except ValueError as error:
        raise OptionError(f"Can't parse {config!r}") from error
    except OSError as error:
        reason = f"Can't read {config!r}: {error.strerror}"
        raise OptionError(reason) from error
