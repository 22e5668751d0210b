"""``molostart``: writes the files that a first load test begins with."""

import argparse
import importlib.metadata
import importlib.resources
import json
import os
import shlex
import sys
from typing import Any
from urllib.parse import unquote, urlsplit

import molotov

FILES = ("Makefile", "loadtest.py", "molotov.json")


class CannotGenerate(Exception):
    """Why no files, or not all of them, could be written."""


def main(argv: list[str] | None = None) -> int:
    """The command ``molostart``.

    :param argv: its arguments; those of ``sys.argv`` if not given.
    :returns: the exit status.
    """
    if make_parser().parse_args(argv).version:
        print(molotov.__version__)
        return 0

    try:
        target, with_makefile = ask()
        generate(target, with_makefile)
    except CannotGenerate as error:
        print(error)
        return 1
    except EOFError:
        print(flush=True)  # below the prompt
        print("molostart: the answers ended too early", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return 130
    except OSError as error:
        print(
            f"molostart: cannot write '{error.filename}': {error.strerror}",
            file=sys.stderr,
        )
        return 1
    return 0


def make_parser() -> argparse.ArgumentParser:
    """The command's options; its manual page is made from them, too."""
    parser = argparse.ArgumentParser(
        prog="molostart", description="Generates Molotov Test"
    )
    parser.add_argument(
        "--version", action="store_true", help="Displays version and exits."
    )
    return parser


def ask() -> tuple[str, bool]:
    """The dialogue: the target directory, and whether a Makefile is wanted."""
    print("**** Molotov Quickstart ****")
    print()
    print("Answer to a few questions to get started...")
    target = input("> Target directory [.]: ") or "."
    while True:
        answer = input("> Create Makefile [y]: ").lower() or "y"
        if answer in ("y", "yes", "n", "no"):
            return target, answer.startswith("y")
        print("Please enter either 'y' or 'n'.")


def generate(target: str, with_makefile: bool) -> None:
    """Writes the files. None that is there is overwritten."""
    print("Generating Molotov test...")
    os.makedirs(target, exist_ok=True)
    for name in FILES:
        if name == "Makefile" and not with_makefile:
            continue
        print(f"…copying '{name}' in '{target}'")
        _write(os.path.join(target, name), _contents(name))
    print()
    print("All done. Happy Breaking!")
    print(f"Go in '{target}'")
    if with_makefile:
        print("Run 'make build' to get started...")


def _write(path: str, text: str) -> None:
    try:
        with open(path, "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise CannotGenerate(
            f"'{path}' already exists. Cowardly stopping here"
        ) from error


def _contents(name: str) -> str:
    templates = importlib.resources.files("molotov") / "templates"
    text = (templates / name).read_text(encoding="utf-8")
    if name == "Makefile":
        # For the shell, then for make.
        quoted = shlex.quote(requirement())
        quoted = quoted.replace("$", "$$").replace("#", "\\#")
        text = text.replace("@REQUIREMENT@", quoted)
    return text


def requirement() -> str:
    """What pip is to install to get this very Molotov.

    How it was installed itself is known from PEP 610's ``direct_url.json``.
    """
    try:
        record = importlib.metadata.distribution("molotov").read_text(
            "direct_url.json"
        )
    except importlib.metadata.PackageNotFoundError:
        record = None
    found = requirement_of(json.loads(record)) if record else None
    return found or f"molotov=={molotov.__version__}"


def requirement_of(direct_url: dict[str, Any]) -> str | None:
    """The requirement for a PEP 610 record; None when it leads nowhere."""
    url = str(direct_url["url"])
    if "vcs_info" in direct_url:
        vcs = direct_url["vcs_info"]
        url = f"{vcs['vcs']}+{url}@{vcs['commit_id']}"
    folder = direct_url.get("subdirectory")
    parts = urlsplit(url)
    if parts.scheme == "file":
        path = unquote(parts.path)
        path = os.path.join(path, folder) if folder else path
        return path if os.path.exists(path) else None
    if folder:
        url += f"#subdirectory={folder}"
    return f"molotov @ {url}" if parts.scheme.startswith("git+") else url


if __name__ == "__main__":
    sys.exit(main())
