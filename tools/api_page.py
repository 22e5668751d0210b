"""Makes docs/api.md of the docstrings and signatures of what users import.

    api_page.py          writes it
    api_page.py check    exits 1 when it is not what would be written

A public name is one of PUBLIC. A test holds that each of them, and of their
members, has a docstring.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import griffe
from griffe import DocstringSectionKind as Kind

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "api.md"
INTRODUCTION = """# The Python API

What scripts, and programs that run load tests, may import. This page is made of
the docstrings by `tools/api_page.py`. How it all goes together is in the
[tutorial](tutorial.md), in [scenarios](scenarios.md) and in
[events](events.md).

The types are those that type checkers see. A script needs none of its own; one
that is to be checked says what it is given, as the [examples](../examples/) do:

```py
from molotov import ClientSession, scenario


@scenario()
async def home(session: ClientSession) -> None: ...
```
"""

# Module: its public names. What `molotov` has of other modules is described
# there, and not again.
PUBLIC = {
    "molotov": [
        "scenario",
        "setup",
        "setup_session",
        "teardown",
        "teardown_session",
        "global_setup",
        "global_teardown",
        "scenario_picker",
        "session_factory",
        "events",
        "get_context",
        "check",
        "step",
        "count",
        "record",
        "set_var",
        "get_var",
        "request",
        "json_request",
        "ClientSession",
        "TCPConnector",
        "UnixConnector",
        "NamedPipeConnector",
        "__version__",
    ],
    "molotov.session": [
        "SessionOptions",
        "RequestOptions",
        "WebSocketConnectOptions",
        "Request",
        "Response",
        "StreamReader",
        "RequestInfo",
        "Hop",
        "get_session",
        "get_eventer",
    ],
    "molotov.client": [
        "BasicAuth",
        "encode_basic_auth",
        "ClientTimeout",
        "FormData",
        "MultipartWriter",
        "MultipartReader",
        "BodyPartReader",
        "TraceConfig",
        "ClientRequest",
        "DigestAuthMiddleware",
        "Fingerprint",
        "BaseConnector",
        "ThreadedResolver",
        "AsyncResolver",
    ],
    "molotov.client.resolver": ["AbstractResolver", "ResolveResult"],
    "molotov.client.websocket": [
        "ClientWebSocketResponse",
        "ClientWSTimeout",
        "WSMessage",
        "WSMessageTextBytes",
    ],
    "molotov.context": ["Context"],
    "molotov.measures": ["Step"],
    "molotov.listeners": ["BaseListener", "EventSender", "Listener"],
    "molotov.statsd": ["Statsd"],
    "molotov.shared": ["Counter", "Counters"],
    "molotov.exceptions": [],  # those of its __all__ that are exceptions
    "molotov.api": [
        "Scenario",
        "get_scenarios",
        "get_scenario",
        "get_fixture",
        "get_fixtures",
        "get_session_factory",
        "get_listeners",
        "clear",
    ],
    "molotov.util": ["expand_options", "OptionError"],
    "molotov.run": ["run", "main"],
    "molotov.slave": ["main"],
    "molotov.quickstart": ["main"],
    "molotov.dummy": ["scenario_one"],
}

# What classes inherit from the engine's is described with them; of others, the
# class that has it is on the page.
NATIVE = "molotov._engine."


@dataclass(frozen=True)
class Entry:
    """A public name, with what it stands for."""

    name: str
    thing: griffe.Object

    @property
    def members(self) -> list[Entry]:
        """What else is public of a class."""
        if not isinstance(self.thing, griffe.Class):
            return []
        inherited = {
            name: member
            for name, member in self.thing.inherited_members.items()
            if _meant(member).path.startswith(NATIVE)
        }
        return [
            Entry(f"{self.name}.{name}", _meant(member))
            for name, member in {**inherited, **self.thing.members}.items()
            if not name.startswith("_") and not _is_of_any_error(member)
        ]


def load() -> griffe.Module:
    """The package, as its sources and stubs have it."""
    package = griffe.load(
        "molotov",
        search_paths=[str(ROOT / "python")],
        docstring_parser="sphinx",
    )
    assert isinstance(package, griffe.Module)
    return package


def entries_of(package: griffe.Module, module: str) -> list[Entry]:
    found = package.modules_collection[module]
    names = PUBLIC[module] or [
        name for name in _strings(found["__all__"]) if found[name].is_class
    ]
    return [Entry(name, _meant(found[name])) for name in names]


def _meant(thing: griffe.Object | griffe.Alias) -> griffe.Object:
    """What a name stands for: `incr = increment` is increment."""
    target = thing.final_target if isinstance(thing, griffe.Alias) else thing
    if isinstance(target, griffe.Attribute) and target.parent is not None:
        other = target.parent.members.get(str(target.value))
        if isinstance(other, griffe.Object):
            return other
    return target


def _is_of_any_error(member: griffe.Object | griffe.Alias) -> bool:
    return member.name == "args" and member.module.name == "exceptions"


def _strings(thing: griffe.Object | griffe.Alias) -> list[str]:
    assert isinstance(thing, griffe.Attribute)
    return re.findall(r"'(\w+)'", str(thing.value))


def main(arguments: list[str]) -> int:
    text = page()
    if arguments == ["check"]:
        if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
            return 0
        print("docs/api.md is stale: tools/api_page.py writes it")
        return 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


def page() -> str:
    """The text of the page."""
    package = load()
    parts = [INTRODUCTION]
    for module in PUBLIC:
        parts.append(f"## `{module}`\n")
        purpose = package.modules_collection[module].docstring
        if purpose is not None and module != "molotov":
            parts.append(_markdown(purpose.value) + "\n")
        for entry in entries_of(package, module):
            parts += _described(entry)
    return "\n".join(parts)


def _described(entry: Entry) -> Iterator[str]:
    yield f"### `{entry.name}`\n"
    signature = _signature(entry)
    if signature:
        yield f"```py\n{signature}\n```\n"
    yield from _docstring(entry.thing)
    for member in entry.members:
        yield from _member(member)
    if entry.members:
        yield ""


def _member(entry: Entry) -> Iterator[str]:
    text = "\n".join(_docstring(entry.thing)).strip()
    text = re.sub(r"\n+", "\n", text).replace("\n", "\n  ")
    yield f"- `{_signature(entry)}`<br>\n  {text}"


def _signature(entry: Entry) -> str:
    """As a line of a stub would have it, without `self`."""
    thing, name = entry.thing, entry.name.rpartition(".")[2]
    if isinstance(thing, griffe.Function):
        marks = "async " if "async" in thing.labels else ""
        return f"{marks}{_call(thing, name)}"
    if isinstance(thing, griffe.Class):
        bases = ", ".join(str(base) for base in thing.bases)
        made = thing.members.get("__init__")
        if isinstance(made, griffe.Function) and _has_parameters(thing):
            return f"class {_call(made, name)}".removesuffix(" -> None")
        return f"class {name}({bases})" if bases else f"class {name}"
    assert isinstance(thing, griffe.Attribute)
    kind = thing.annotation or _kind_of_parameter(thing)
    return f"{name}: {kind}" if kind else name


def _kind_of_parameter(thing: griffe.Attribute) -> str:
    """Of that of `__init__()` that an attribute takes its value from."""
    made = thing.parent.members.get("__init__") if thing.parent else None
    if isinstance(made, griffe.Function):
        for parameter in made.parameters:
            if parameter.name == str(thing.value):
                return str(parameter.annotation)
    return ""


def _call(function: griffe.Function, name: str) -> str:
    text = str(function.signature(name=name))
    return re.sub(r"\(self(, )?", "(", text, count=1)


def _has_parameters(thing: griffe.Object) -> bool:
    return any(s.kind is Kind.parameters for s in _sections(thing))


def _sections(thing: griffe.Object) -> list[griffe.DocstringSection]:
    return thing.docstring.parsed if thing.docstring is not None else []


def _docstring(thing: griffe.Object) -> Iterator[str]:
    items = ""
    for section in _sections(thing):
        if section.kind is Kind.text:
            yield _markdown(section.value) + "\n"
        elif section.kind is Kind.parameters:
            for p in section.value:
                items += _item(f"`{p.name}`", p.description)
        elif section.kind is Kind.returns:
            for r in section.value:
                items += _item("returns", r.description)
        elif section.kind is Kind.raises:
            for e in section.value:
                items += _item(f"raises `{e.annotation}`", e.description)
    if items:
        yield items


def _item(term: str, text: str) -> str:
    return f"- {term}: {_markdown(' '.join(text.split()))}\n"


def _markdown(text: str) -> str:
    """Of reStructuredText, as far as docstrings go."""
    text = re.sub(r":\w+:`~?([^`]+)`", r"`\1`", text)
    return text.replace("``", "`")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
