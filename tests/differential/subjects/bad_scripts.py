"""Scripts that cannot be used, and those that are odd."""

from __future__ import annotations

from differential.case import Case, Differs
from differential.reasons import FAILED_FIXTURE

TRACEBACK = "Traceback (most recent call last):"

SCENARIO = """
@scenario()
async def one(session):
    say("one")
"""


def unusable(name: str, script: str, *differs: Differs) -> Case:
    return Case(name, script, differs=differs)


def at_import(line: str, why: str, *original: str) -> tuple[Differs, ...]:
    """Ours ends with that line when the script is read; the original goes on,
    maybe with these on stderr."""
    return (
        Differs("status", why, ("exit status 1",), ("exit status 0",)),
        Differs("stdout", why, original=("Preparing 1 workers...OK", "…")),
        Differs("stderr", why, (TRACEBACK, line, "…"), original),
    )


CASES = [
    unusable("a script that raises", "raise ValueError('at import')"),
    unusable(
        "a script with a syntax error",
        "def broken(:\n",
        Differs(
            "stderr",
            "the error has its own lines, and no frame that led to it",
            original=(TRACEBACK,),
        ),
    ),
    unusable(
        "a script that imports what is not there", "import no_such_module"
    ),
    unusable("a script without scenarios", "say('imported')"),
    unusable("an empty script", "\n"),
    unusable(
        "a script of weight zero",
        """
        @scenario(weight=0)
        async def one(session):
            say("never")
        """,
    ),
    unusable("a script that exits", "sys.exit(4)"),
    unusable("a script that exits with a text", "sys.exit('no')"),
    unusable("a script that exits with nothing", "sys.exit()"),
    unusable(
        "a scenario that is no coroutine",
        """
        @scenario()
        def one(session):
            say("never")
        """,
    ),
    unusable(
        "a setup that is no coroutine",
        """
        @setup()
        def s(worker_id, args):
            pass
        """,
    ),
    unusable(
        "a session's setup that is no coroutine",
        """
        @setup_session()
        def s(worker_id, session):
            pass
        """,
    ),
    unusable(
        "a session's teardown that is no coroutine",
        """
        @teardown_session()
        def s(worker_id, session):
            pass
        """,
    ),
    unusable(
        "listeners that are no coroutines",
        """
        @events()
        def heard(event, **info):
            pass
        """,
    ),
    unusable(
        "two setups",
        """
        @setup()
        async def s(worker_id, args):
            pass
        @setup()
        async def again(worker_id, args):
            pass
        """,
    ),
    unusable(
        "two global_setups",
        """
        @global_setup()
        def s(args):
            pass
        @global_setup()
        def again(args):
            pass
        """,
    ),
    unusable(
        "two pickers",
        """
        @scenario_picker()
        def pick(worker_id, step_id):
            return "one"
        @scenario_picker()
        def again(worker_id, step_id):
            return "one"
        """,
    ),
    unusable(
        "a scenario without a session",
        """
        @scenario()
        async def one():
            say("never")
        """,
    ),
    unusable(
        "a scenario that wants more",
        """
        @scenario()
        async def one(session, more):
            say("never")
        """,
    ),
    unusable(
        "a scenario with a default",
        """
        @scenario()
        async def one(session, more=5):
            say(more)
        """,
    ),
    unusable(
        "a scenario of any arguments",
        """
        @scenario()
        async def one(*args, **kw):
            say(len(args), kw)
        """,
    ),
    unusable(
        "a scenario's result",
        """
        @scenario()
        async def one(session):
            return -1
        """,
    ),
    unusable(
        "a weight that is no number",
        """
        @scenario(weight="many")
        async def one(session):
            say("one")
        """,
        Differs(
            "stderr",
            "the error says what a weight is",
            ours=("TypeError: weight needs to be a finite number, not 'many'",),
            original=("TypeError: '>' not supported between …",),
        ),
    ),
    unusable(
        "a delay that is no number of a scenario",
        """
        @scenario(delay="long")
        async def one(session):
            say("one")
        """,
        *at_import(
            "TypeError: delay needs to be a finite number, not 'long'",
            "a delay is looked at before the load begins",
        ),
    ),
    unusable(
        "a negative weight",
        SCENARIO
        + """
@scenario(weight=-5)
async def never(session):
    say("never")
""",
    ),
    unusable(
        "two scenarios of a name",
        SCENARIO
        + """
@scenario(name="one")
async def other(session):
    say("other")
""",
        Differs(
            "stderr",
            "the one that is lost is told of (D40)",
            ours=("…UserWarning: two scenarios are named 'one': …", "…"),
        ),
    ),
    unusable(
        "scenario without parentheses",
        SCENARIO
        + """
@scenario
async def other(session):
    say("never")
""",
        *at_import(
            "TypeError: @scenario needs parentheses: …",
            "2.x registers nothing, without a word (D39)",
        ),
    ),
    unusable(
        "a global_setup that is a coroutine",
        SCENARIO
        + """
@global_setup()
async def s(args):
    say("never")
""",
        *at_import(
            "TypeError: <function s …> needs to be a plain function: …",
            "2.x never awaits it (D39)",
            "…RuntimeWarning: coroutine 's' was never awaited",
            "…",
        ),
    ),
    unusable(
        "a setup of other arguments",
        SCENARIO
        + """
@setup()
async def s():
    say("never")
""",
        FAILED_FIXTURE,
    ),
    unusable(
        "a global_setup of other arguments",
        SCENARIO
        + """
@global_setup()
def s():
    say("never")
""",
        Differs(
            "stderr",
            "which fixture it was is said (D7); no frame led to it",
            ours=("The global_setup() fixture failed",),
            original=(TRACEBACK,),
        ),
    ),
    unusable(
        "a teardown of other arguments",
        SCENARIO
        + """
@teardown()
def t():
    say("never")
""",
        FAILED_FIXTURE,
    ),
    unusable(
        "arguments by other names",
        """
        @setup()
        async def s(*args):
            say(args[0])
        @setup_session()
        async def ss(number, http):
            say(number, http.closed)
        @scenario()
        async def one(http):
            say(http.closed)
        @teardown()
        def t(number):
            say(number)
        """,
    ),
    unusable(
        "decorated functions stay callable",
        """
        @setup()
        async def s(worker_id, args):
            return {"headers": {"X-A": "1"}}
        @scenario()
        async def one(session):
            say(await s(0, None))
            if session:
                await one(None)
        """,
    ),
    unusable(
        "dataclasses and pickles",
        """
        import dataclasses, typing
        @dataclasses.dataclass
        class Point:
            x: typing.ClassVar[int] = 1
            y: int = 2
        @scenario()
        async def one(session):
            say(Point(), __name__)
        """,
    ),
    unusable(
        "a generator of an async with",
        """
        import contextlib
        @contextlib.asynccontextmanager
        async def entered(session):
            async with session.get(URL) as response:
                yield response.status
        @scenario()
        async def one(session):
            async with entered(session) as status:
                say(status)
        """,
    ),
    Case(
        "an extension that raises",
        SCENARIO,
        ("--use-extension=ext.py", "-r", "1"),
        files={"ext.py": "raise ValueError('in it')\n"},
        differs=(
            Differs(
                "stdout",
                "its error is shown as a module's (D41)",
                ours=("Cannot import 'ext.py'", "ValueError('in it')", "…"),
            ),
            Differs(
                "stderr",
                "2.x shows a traceback of its own (D41)",
                original=(TRACEBACK, "ValueError: in it", "…"),
            ),
        ),
    ),
    Case(
        "an extension with a syntax error",
        SCENARIO,
        ("--use-extension=ext.py", "-r", "1"),
        files={"ext.py": "def (\n"},
        differs=(
            Differs(
                "stdout",
                "its error is shown as a module's (D41)",
                ours=(
                    "Cannot import 'ext.py'",
                    "SyntaxError('invalid syntax', …",
                    "…",
                ),
            ),
            Differs(
                "stderr",
                "2.x shows a traceback of its own (D41)",
                original=(TRACEBACK, "SyntaxError: invalid syntax", "…"),
            ),
        ),
    ),
    Case(
        "an extension that is no Python",
        SCENARIO,
        ("--use-extension=ext.txt", "-r", "1"),
        files={"ext.txt": "text\n"},
        differs=(
            Differs(
                "stdout", "as 2.7 says it", ours=("Cannot import 'ext.txt'",)
            ),
            Differs(
                "stderr",
                "2.6 ends in a traceback",
                original=(TRACEBACK, "AttributeError: 'NoneType' …"),
            ),
        ),
    ),
    Case(
        "a script that is no Python",
        "",
        ("text.txt",),
        files={"text.txt": "text\n"},
        differs=(
            Differs(
                "stdout", "as 2.7 says it", ours=("Cannot import 'text.txt'",)
            ),
            Differs(
                "stderr",
                "2.6 ends in a traceback",
                original=(TRACEBACK, "AttributeError: 'NoneType' …"),
            ),
        ),
    ),
    Case(
        "an extension with the same fixture",
        SCENARIO
        + """
@setup()
async def s(worker_id, args):
    pass
""",
        ("--use-extension=ext.py", "-r", "1"),
        files={
            "ext.py": """
import molotov
@molotov.setup()
async def s(worker_id, args):
    pass
"""
        },
    ),
]
