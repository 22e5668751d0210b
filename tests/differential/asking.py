"""Cases that are a scenario's lines, as those of the HTTP client are."""

from __future__ import annotations

import textwrap

from differential.case import Case, Differs


def asks(
    name: str,
    code: str,
    *differs: Differs,
    setup: str = "{}",
    quick: bool = False,
    arguments: tuple[str, ...] = ("-r", "1"),
) -> Case:
    """A scenario of these lines; setup's result is the session's options."""
    body = textwrap.indent(textwrap.dedent(code), "    ")
    script = (
        "@setup()\nasync def s(worker_id, args):\n"
        f"    return {setup}\n"
        f"@scenario()\nasync def one(session):\n{body}"
    )
    return Case(name, script, arguments, differs=differs, quick=quick)
