"""What the compiler does not check about how the sources stand together.

Run by `make lint`, and as a test. Prints one line a complaint, `file:line:
what`, and exits 1 when there is any. A rule is a function that yields
complaints; each has a test that it fires.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

# What only some may touch: pattern of a line of code, who may (folders, or
# single files), and why. `target` is a program as a whole; of the other, `cli`
# alone meets the world.
RESERVED = [
    (
        r'#\s*include\s*[<"]Python\.h',
        ["python"],
        "only src/python knows Python",
    ),
    # Whoever watches a descriptor names epoll's events, so the header is
    # everybody's.
    (r"\bepoll_(create1?|ctl|p?wait2?)\s*\(", ["io"], "epoll is io's"),
    (
        r"#\s*include\s*<(sys/socket\.h|netinet/|sys/un\.h|netdb\.h)",
        ["io", "net", "target", "cli"],
        "sockets are io's and net's",
    ),
    (
        r"\bstd::c(out|in)\b|\bstdout\b|\b(std|fmt)::print(ln)?\s*\((?!stderr)"
        + r"|(?<![\w.>])(std::|fmt::)?(printf|puts|putchar)\s*\(",
        ["cli", "target"],
        "only the programs write to stdout",
    ),
    (
        r"(?<![\w.>])(std::)?(secure_)?getenv\s*\(",
        # OpenSSL reads SSL_CERT_FILE by itself, and that file says what was
        # wrong with it.
        ["cli", "target", "net/tls_context.cc"],
        "only the programs read the environment",
    ),
    (
        r"(?<![\w.>:])(?<!\* )(std::|::)?_?(quick_)?(exit|_Exit)\s*\(",
        ["cli", "target"],
        "only the programs end the process",
    ),
]

INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')
LITERAL = re.compile(r'"(?:\\.|[^"\\\n])*"')


@dataclass(frozen=True)
class Complaint:
    path: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}"


@dataclass(frozen=True)
class Source:
    """A file under src/, by its path from there."""

    path: str
    lines: list[str]

    @property
    def folder(self) -> str:
        return self.path.split("/")[0]

    @property
    def is_test(self) -> bool:
        """A test, or what a folder's tests share."""
        return self.path.endswith(("_test.cc", "/testing.h"))


@dataclass(frozen=True)
class Tree:
    sources: list[Source]
    # What a folder may include, itself among it. From CMakeLists.txt.
    uses: dict[str, set[str]]


def read_uses(cmake: str) -> dict[str, set[str]]:
    """The folders that each one may use, those of its folders included."""
    direct: dict[str, set[str]] = {}
    call = r"molotov_(library|python_module)\s*\(\s*(\w+)([^)]*)\)"
    for kind, name, rest in re.findall(call, cmake):
        uses = re.search(r"\bUSES((?:\s+[a-z]\w*)+)", rest)
        folder = "python" if kind == "python_module" else name
        direct[folder] = set(uses[1].split()) if uses else set()

    def reach(folder: str, path: tuple[str, ...] = ()) -> set[str]:
        if folder in path:
            raise SystemExit(
                "CMakeLists.txt: USES goes round: "
                + " > ".join((*path, folder))
            )
        found = {folder}
        for used in direct.get(folder, set()):
            found |= reach(used, (*path, folder))
        return found

    return {folder: reach(folder) for folder in direct}


def read_tree(root: Path) -> Tree:
    source_root = root / "src"
    files = sorted(
        p for p in source_root.rglob("*") if p.suffix in (".h", ".cc")
    )
    sources = [
        Source(
            str(p.relative_to(source_root)),
            p.read_text(encoding="utf-8").splitlines(),
        )
        for p in files
    ]
    return Tree(
        sources,
        read_uses((root / "CMakeLists.txt").read_text(encoding="utf-8")),
    )


def code_of(source: Source) -> Iterator[tuple[int, str]]:
    """The lines of a source without comments and without what string literals
    hold."""
    in_comment = False
    for number, line in enumerate(source.lines, 1):
        if not line.lstrip().startswith("#"):
            line = LITERAL.sub('""', line)
        if in_comment:
            if "*/" not in line:
                continue
            line, in_comment = line.split("*/", 1)[1], False
        line = re.sub(r"/\*.*?\*/", " ", line).split("//", 1)[0]
        if "/*" in line:
            line, in_comment = line.split("/*", 1)[0], True
        yield number, line


def includes_against_the_arrows(tree: Tree) -> Iterator[Complaint]:
    for source in tree.sources:
        if source.folder not in tree.uses:
            yield Complaint(
                f"src/{source.path}", 1, "its folder is not in CMakeLists.txt"
            )
            continue
        for number, line in enumerate(source.lines, 1):
            include = INCLUDE.match(line)
            if not include or "/" not in include[1]:
                continue
            folder = include[1].split("/")[0]
            if folder in tree.uses and folder not in tree.uses[source.folder]:
                yield Complaint(
                    f"src/{source.path}",
                    number,
                    f'"{include[1]}": {source.folder} may not use {folder} '
                    "(USES in CMakeLists.txt)",
                )


def includes_that_are_not_from_src(tree: Tree) -> Iterator[Complaint]:
    known = {source.path for source in tree.sources}
    for source in tree.sources:
        for number, line in enumerate(source.lines, 1):
            include = INCLUDE.match(line)
            if include and include[1] not in known:
                yield Complaint(
                    f"src/{source.path}",
                    number,
                    f'"{include[1]}": ours are named from src/, others in <>',
                )


def reserved_words(tree: Tree) -> Iterator[Complaint]:
    for source in tree.sources:
        for pattern, who, why in RESERVED:
            if source.folder in who or source.path in who or source.is_test:
                continue
            for number, line in code_of(source):
                found = re.search(pattern, line)
                if found:
                    yield Complaint(
                        f"src/{source.path}",
                        number,
                        f"{found[0].strip()}: {why}",
                    )


def headers_without_guard(tree: Tree) -> Iterator[Complaint]:
    for source in tree.sources:
        if source.path.endswith(".h") and "#pragma once" not in source.lines:
            yield Complaint(f"src/{source.path}", 1, "no #pragma once")


RULES: list[Callable[[Tree], Iterator[Complaint]]] = [
    includes_against_the_arrows,
    includes_that_are_not_from_src,
    reserved_words,
    headers_without_guard,
]


def main() -> int:
    tree = read_tree(Path(__file__).resolve().parent.parent)
    complaints = [complaint for rule in RULES for complaint in rule(tree)]
    for complaint in complaints:
        print(complaint)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
