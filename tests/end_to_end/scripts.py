"""Scripts of one scenario, and what they print when all goes well."""

import textwrap

from commands import Molotov


def scenario(code: str) -> str:
    """A script's scenario of that body; `session` is its argument."""
    body = textwrap.indent(textwrap.dedent(code), "    ")
    return f"\n@scenario()\nasync def one(session):\n{body}\n"


def run_well(molotov: Molotov, script: str, *arguments: str) -> list[str]:
    """What the script printed, between the first lines and the last two."""
    result = molotov(script, *(arguments or ("-r", "1")))
    assert (result.status, result.stderr) == (0, ""), result
    assert "FAILURES: 0" in result.lines[-2], result
    begin = next(i for i, x in enumerate(result.lines) if "Preparing" in x)
    return result.lines[begin + 1 : -2]
