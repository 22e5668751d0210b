"""Tracebacks as the author of a script wants them: without our own frames."""

import importlib
import os
import sys
import traceback
from collections.abc import Iterator
from types import CodeType, TracebackType

_OUR_FOLDER = os.path.dirname(os.path.abspath(__file__)) + os.sep
_DEMO = _OUR_FOLDER + "dummy.py"  # a script, like those of users
_IMPORTLIB_FILES = (importlib.__file__, "<frozen importlib")


def _is_our_file(path: str) -> bool:
    return path.startswith(_OUR_FOLDER) and path != _DEMO


def _is_ours(code: CodeType) -> bool:
    return _is_our_file(code.co_filename)


def _is_machinery(code: CodeType) -> bool:
    return _is_ours(code) or code.co_filename.startswith(_IMPORTLIB_FILES)


def _entries(tb: TracebackType | None) -> Iterator[TracebackType]:
    while tb is not None:
        yield tb
        tb = tb.tb_next


def user_entries(error: BaseException) -> list[TracebackType]:
    """The traceback's entries, outermost first, without frames of ours."""
    return [
        tb
        for tb in _entries(error.__traceback__)
        if not _is_ours(tb.tb_frame.f_code)
    ]


def failure_key(error: BaseException) -> str:
    """What failures of one kind have in common: type and place."""
    kind = type(error).__qualname__
    entries = user_entries(error)
    if not entries:
        return kind
    last = entries[-1]
    return f"{kind} at {last.tb_frame.f_code.co_filename}:{last.tb_lineno}"


def failure_block(error: BaseException) -> str:
    """The error's repr, its traceback entries, and then an empty line."""
    stack = _without_ours(traceback.extract_tb(error.__traceback__))
    return f"{describe(error)}\n{''.join(stack.format())}"


def import_failure(error: BaseException) -> str:
    """As failure_block() of an error at import, which has neither our frames
    nor those of importing, nor an empty line. A syntax error shows its line."""
    stack = _without_ours(traceback.extract_tb(_where_script_begins(error)))
    lines = [f"{describe(error)}\n", *stack.format()]
    if isinstance(error, SyntaxError):
        lines += traceback.format_exception_only(error)[:-1]
    return "".join(lines).rstrip("\n")


def _without_ours(stack: traceback.StackSummary) -> traceback.StackSummary:
    return traceback.StackSummary.from_list(
        [x for x in stack if not _is_our_file(x.filename)]
    )


def _where_script_begins(error: BaseException) -> TracebackType | None:
    """The first entry behind what has imported the script."""
    start = error.__traceback__
    while start is not None and _is_machinery(start.tb_frame.f_code):
        start = start.tb_next
    return start


def describe(error: BaseException) -> str:
    """repr(error), also of an error whose repr fails."""
    try:
        return repr(error)
    except Exception as failure:
        return f"<{type(error).__name__} whose repr() raised {failure!r}>"


def print_script_error(error: BaseException) -> None:
    """Prints an error as Python would to stderr, without frames of ours."""
    start = _where_script_begins(error)
    shown = traceback.TracebackException(type(error), error, start)
    shown.stack = _without_ours(shown.stack)
    print("".join(shown.format()), end="", file=sys.stderr, flush=True)
