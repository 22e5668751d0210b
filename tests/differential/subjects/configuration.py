"""Configuration files, good and bad."""

from __future__ import annotations

import json

from differential.case import Case, Differs

CONFIGURATION = Differs(
    "status",
    "2.x ends with 0 when a configuration cannot be used (D2)",
    ours=("exit status 1",),
    original=("exit status 0",),
)
SCRIPT = """
@global_setup()
def gs(args):
    say(args.workers, args.max_runs, getattr(args, "mine", None))
@scenario()
async def one(session):
    say(os.environ.get("MINE"))
@scenario(name="second", weight=5)
async def two(session):
    say("second")
"""


def configured(
    name: str,
    test: object,
    *arguments: str,
    differs: tuple[Differs, ...] = (),
    quick: bool = False,
    **more: object,
) -> Case:
    """A file with that test, whose name is `test`."""
    tests = {"tests": {"test": test}}
    return Case(
        name,
        SCRIPT,
        ("--config", "molotov.json", *arguments),
        files={"molotov.json": json.dumps({"molotov": {**tests, **more}})},
        differs=differs,
        quick=quick,
        ordered=False,
    )


def file_of(name: str, text: str, *differs: Differs) -> Case:
    """A file of that text, which cannot be used."""
    files = {"molotov.json": text}
    return Case(
        name,
        SCRIPT,
        ("--config", "molotov.json"),
        files=files,
        differs=differs or (CONFIGURATION,),
    )


def traceback(error: str) -> Differs:
    return Differs(
        "stderr",
        "2.x ends in a traceback",
        original=("Traceback (most recent call last):", error),
    )


def said(where: str, line: str) -> Differs:
    return Differs(where, "it is said what is wrong (D42)", ours=(line,))


def wrong_type(
    name: str, option: str, value: object, *original: Differs
) -> Case:
    """Ours says so in one line; what the original does is stated."""
    return configured(
        name,
        {"scenario": "loadtest.py", "max_runs": 1, option: value},
        differs=(*original, said("stderr", f"…'{option}' must be …")),
    )


BEGINS = Differs(
    "stdout",
    "2.x does not look at values before the load begins (D42)",
    original=("> …",),
)
# The original's workers die, without a word.
SILENCE = (
    CONFIGURATION,
    Differs(
        "stdout",
        "2.x goes on, and its workers die (D42)",
        original=("Preparing 1 workers...OK", "…"),
    ),
)
COMPARED = (
    traceback("TypeError: '>' not supported between instances of …"),
    BEGINS,
)

ONE = {"scenario": "loadtest.py", "single_mode": "second", "max_runs": 2}

CASES = [
    configured("a configuration", ONE, quick=True),
    configured("a configuration by its test's name", ONE, "test"),
    configured(
        "a configuration is stronger", ONE, "-r", "5", "-w", "2", quick=True
    ),
    configured(
        "all kinds of values",
        ONE
        | {
            "workers": 2,
            "ramp_up": 0.01,
            "delay": 0,
            "exception": True,
            "fail": 99,
            "console": True,
            "quiet": False,
            "debug": False,
            "statsd": False,
            "use_extension": None,
            "single_run": False,
            "processes": 1,
            "duration": 99.5,
            "sizing": False,
        },
    ),
    configured("quiet by configuration", ONE | {"quiet": True}),
    configured("verbose by configuration", ONE | {"verbose": 1}),
    configured("fail by configuration", ONE | {"fail": 0}),
    configured(
        "env beside the tests",
        ONE | {"single_mode": "one"},
        env={"MINE": "1"},
        differs=(
            Differs(
                "stdout",
                "only moloslave has set it in 2.x (D42)",
                ours=("> 1", "> 1"),
                original=("> None", "> None"),
            ),
        ),
    ),
    configured(
        "an unknown key",
        ONE | {"mine": 5},
        differs=(
            Differs(
                "stderr", "an unknown key is told of (D42)", ours=("…'mine'…",)
            ),
        ),
    ),
    configured(
        "a single mode that is not there by configuration",
        ONE | {"single_mode": "nobody"},
    ),
    configured(
        "a script that is not there by configuration",
        ONE | {"scenario": "no/such.py"},
    ),
    configured("no such test", ONE, "other", differs=(CONFIGURATION,)),
    configured(
        "no script",
        {"max_runs": 1, "single_mode": "second"},
        differs=(
            Differs(
                "status",
                "it is loadtest.py then (D42)",
                ours=("exit status 0",),
                original=("exit status 1",),
            ),
            Differs(
                "stdout",
                "2.x takes the test's name for a module's (D42)",
                ours=("> second", "…"),
                original=("You need at least one scenario. …", "…"),
            ),
        ),
    ),
    configured("extensions", ONE | {"use_extension": ["no_such"]}),
    file_of(
        "no JSON",
        "{",
        CONFIGURATION,
        said("stderr", "molotov.json: parse error at line 1, …"),
    ),
    file_of(
        "an empty configuration",
        "",
        CONFIGURATION,
        said("stderr", "molotov.json: parse error at line 1, …"),
    ),
    file_of("no molotov key", "{}"),
    file_of("a list", "[]"),
    file_of("no tests", '{"molotov": {}}'),
    file_of("no test", '{"molotov": {"tests": {}}}'),
    file_of(
        "a number",
        "5",
        said("stdout", "Bad config -- no molotov key"),
        traceback("TypeError: argument of type 'int' is not iterable"),
    ),
    file_of(
        "tests of null",
        '{"molotov": {"tests": null}}',
        said("stdout", "Can't find 'test' in the config"),
        traceback("TypeError: argument of type 'NoneType' is not …"),
    ),
    file_of(
        "a test of null",
        '{"molotov": {"tests": {"test": null}}}',
        said("stderr", "…'test' must be an object, not null"),
        traceback("AttributeError: 'NoneType' object …"),
    ),
    file_of(
        "a test that is a list",
        '{"molotov": {"tests": {"test": []}}}',
        said("stderr", "…'test' must be an object, not a list"),
        traceback("AttributeError: 'list' object …"),
    ),
    wrong_type("runs as a string", "max_runs", "2", *SILENCE),
    wrong_type("a duration as a string", "duration", "1", *SILENCE),
    wrong_type("workers as a string", "workers", "2", *COMPARED),
    wrong_type(
        "an extension as a string",
        "use_extension",
        "ext.py",
        Differs(
            "stdout",
            "2.x takes each character for an extension (D42)",
            original=("Loading extension 'e'", "Cannot import 'e'", "…"),
        ),
    ),
    wrong_type("processes as a string", "processes", "2", *COMPARED),
    wrong_type("a delay as a list", "delay", [1], *SILENCE),
]
