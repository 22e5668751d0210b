"""The table of results that ends a run's output, whose figures are another
each time."""

import re

# Of the first table there is.
HEAD = re.compile(
    r"^ +response time +server$"
    r"|^(Scenarios|Steps|Checks|Counters|Values) +(runs|count|passed) .*"
    r"(max|failed|per s|unit)$"
)
BYE = "*** Bye ***"


def split_results(text: str) -> tuple[str, list[str]]:
    """What was printed without the table, and the table's lines."""
    kept: list[str] = []
    table: list[str] = []
    in_table = False
    for line in text.splitlines(keepends=True):
        if HEAD.match(line):
            in_table = True
        elif line.rstrip("\n") == BYE or line.startswith("threshold "):
            in_table = False
        if in_table:
            table.append(line.rstrip("\n"))
        else:
            kept.append(line)
    return "".join(kept), table
