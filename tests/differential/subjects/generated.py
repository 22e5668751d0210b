"""molostart: its dialogue, and the files that it writes."""

from __future__ import annotations

from differential.case import Case, Differs


def started(
    name: str,
    typed: str,
    *arguments: str,
    differs: tuple[Differs, ...] = (),
    makes: tuple[str, ...] = (),
    files: dict[str, str] | None = None,
) -> Case:
    return Case(
        name,
        arguments=arguments,
        program="molostart",
        typed=typed,
        makes=makes,
        files=files or {},
        differs=differs,
    )


CASES = [
    started("molostart", "\n\n", makes=("molotov.json",)),
    started(
        "molostart into another folder",
        "new/folder\ny\n",
        makes=("new/folder/molotov.json",),
    ),
    started(
        "molostart without a Makefile", "new\nN\n", makes=("new/Makefile",)
    ),
    started("molostart asks again", "\nmaybe\nyes\n", makes=("molotov.json",)),
    started(
        "molostart where a file is",
        "\n\n",
        files={"loadtest.py": "mine\n"},
        makes=("loadtest.py", "molotov.json"),
    ),
    started(
        "molostart where a Makefile is",
        "\n\n",
        files={"Makefile": "mine\n"},
        makes=("Makefile", "loadtest.py"),
    ),
    started(
        "molostart without answers",
        "",
        differs=(
            Differs(
                "stderr",
                "2.x ends in a traceback",
                ours=("molostart: the answers ended too early",),
                original=("EOFError: EOF when reading a line", "…"),
            ),
        ),
    ),
    started("molostart with an argument", "", "folder"),
    started("molostart of an option that is none", "", "--nope"),
    started(
        "molostart's version",
        "",
        "--version",
        differs=(
            Differs(
                "stdout", "each has its own", ours=("3.0",), original=("2.6",)
            ),
        ),
    ),
]
