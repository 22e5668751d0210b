"""Manual pages, in the man(7) macros of roff.

Texts have two marks: `so` is bold, <so> is what the reader puts in, italic.
"""

import os
import re
import textwrap
import time
from collections.abc import Iterable, Iterator

from commands import Command, Option
from pages import PAGES, Page, Tagged

import molotov


def page(command: Command) -> str:
    texts = PAGES[command.name]
    sections = [
        ("NAME", [rf"{command.name} \- {_text(texts.purpose)}"]),
        ("SYNOPSIS", _synopsis(command, texts)),
        ("DESCRIPTION", _paragraphs(texts.description)),
        ("OPTIONS", _options(command)),
        ("ENVIRONMENT", _environment(command, texts)),
        ("FILES", _tagged(texts.files)),
        ("EXIT STATUS", _tagged(texts.statuses)),
        ("EXAMPLES", _examples(texts)),
        ("SEE ALSO", [_text(texts.see_also)]),
    ]
    lines = [
        rf".TH {command.name.upper()} 1 {_date()} "
        rf'"Molotov {molotov.__version__}" "User Commands"'
    ]
    for heading, body in sections:
        lines += [f'.SH "{heading}"', *body]
    return "\n".join(lines) + "\n"


def _date() -> str:
    """Of the build, or what https://reproducible-builds.org has it be."""
    seconds = float(os.environ.get("SOURCE_DATE_EPOCH") or time.time())
    return time.strftime("%Y-%m-%d", time.gmtime(seconds))


def _synopsis(command: Command, texts: Page) -> list[str]:
    lines: list[str] = []
    for form in texts.synopsis:
        lines += [".PP"] if lines else []
        lines.append(_text(f"`{command.name}` {form}"))
    return lines


def _options(command: Command) -> list[str]:
    return _tagged(
        (_invocation(option), _description(option))
        for option in (*command.positionals, *command.options)
    )


def _invocation(option: Option) -> str:
    if not option.flags:
        return f"<{option.metavar}>"
    value = f" <{option.metavar}>" if option.takes_value else ""
    value += " ..." if option.action == "several" else ""
    return ", ".join(f"`{flag}`{value}" for flag in option.flags)


def _description(option: Option) -> str:
    text = option.help[0].upper() + option.help[1:] + "."
    if option.default:
        text += f" Default: {option.default}."
    return text


def _environment(command: Command, texts: Page) -> list[str]:
    variables = [
        (f"`{option.variable}`", f"As `{_longest(option)}`.")
        for option in (*command.positionals, *command.options)
        if option.variable
    ]
    return [
        *_paragraphs(texts.environment),
        *_tagged([*texts.variables, *variables]),
    ]


def _longest(option: Option) -> str:
    return option.flags[-1] if option.flags else option.metavar


def _examples(texts: Page) -> list[str]:
    lines: list[str] = []
    for number, (text, command) in enumerate(texts.examples):
        lines += [".PP"] if number else []
        lines += [_text(text), ".PP", ".RS 4", ".nf"]
        lines.append(_without_requests(_escaped(command)))
        lines += [".fi", ".RE"]
    return lines


def _paragraphs(texts: Iterable[str]) -> list[str]:
    lines: list[str] = []
    for text in texts:
        lines += [".PP"] if lines else []
        lines.append(_text(text))
    return lines


def _tagged(items: Iterable[Tagged]) -> list[str]:
    lines: list[str] = []
    for term, text in items:
        # A term is one line of roff, however long.
        lines += [".TP", "".join(_pieces(term)), _text(text)]
    return lines


def _text(text: str) -> str:
    """The lines of roff for one paragraph."""
    lines = textwrap.wrap(
        "".join(_pieces(text)),
        80,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return _without_requests("\n".join(lines))


def _pieces(text: str) -> Iterator[str]:
    for piece in re.split(r"(`[^`]*`|<[^>]*>)", text):
        if piece.startswith("`"):
            yield rf"\fB{_escaped(piece[1:-1])}\fR"
        elif piece.startswith("<"):
            yield rf"\fI{_escaped(piece[1:-1])}\fR"
        else:
            yield _escaped(piece)


def _escaped(text: str) -> str:
    """What may be copied from the page, such as a hyphen, is ASCII's."""
    text = text.replace("\\", r"\e").replace("-", r"\-")
    return text.replace("'", r"\(aq").replace("~", r"\(ti")


def _without_requests(lines: str) -> str:
    """Lines that begin with a dot are text all the same."""
    return re.sub(r"^\.", r"\\&.", lines, flags=re.MULTILINE)
