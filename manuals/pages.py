"""What the manual pages say besides the options. See roff.py for the marks."""

from dataclasses import dataclass

Tagged = tuple[str, str]  # a term, and what is said of it


@dataclass(frozen=True)
class Page:
    """The texts of a page."""

    purpose: str
    synopsis: tuple[str, ...]  # behind the command's name
    description: tuple[str, ...]  # paragraphs
    files: tuple[Tagged, ...]
    statuses: tuple[Tagged, ...]
    examples: tuple[tuple[str, str], ...]  # a text, and lines to be typed
    see_also: str
    environment: tuple[str, ...] = ()  # paragraphs
    variables: tuple[Tagged, ...] = ()


MOLOTOV = Page(
    purpose="run a load test",
    synopsis=("[<options>] [<scenario>]",),
    description=(
        "Runs the scenarios of a Python script, over and over, in as many "
        "workers and processes as it is told, and says how many runs "
        "succeeded and how many failed. A scenario is a coroutine function "
        "with the decorator `@molotov.scenario()`; what it is given is a "
        "session, an HTTP client with the interface of aiohttp's.",
        "<scenario> is the path of a Python file, or the dotted name of a "
        "module. With `--config` it is the name of a test of that file.",
        "The load ends when its duration is over, when all workers have had "
        "their runs, after Ctrl+C or SIGTERM, or after a failure where "
        "`--exception` asks for it. Runs in progress are waited for; a second "
        "Ctrl+C cancels them.",
        "A duration is a number of seconds, or has units: 500ms, 30s, 5m, "
        "1h30m. A long option may be shortened as long as it stays "
        "unambiguous, and `--` ends the options.",
    ),
    environment=(
        "Each of these variables stands for an option. The command line is "
        "stronger than the environment, and `--config` stronger than both. A "
        "flag takes 1, true, yes, on or 0, false, no, off; values of an option "
        "that takes several are separated by commas; an empty variable counts "
        "as none.",
    ),
    files=(
        (
            "`loadtest.py`",
            "The script that is run when none is named.",
        ),
        (
            "`molotov.json`",
            "By custom, the configuration for `--config`: a JSON object "
            "`molotov` with an object `tests`, which has for each test's name "
            "an object of options, named with `_` for `-`. Without a name the "
            "test `test` is run.",
        ),
    ),
    statuses=(
        (
            "`0`",
            "It ended as asked. Also with failed runs, also after one Ctrl+C "
            "or SIGTERM.",
        ),
        (
            "`1`",
            "`--fail` was reached; a run failed, with `--fail-on-any`; a "
            "fixture failed; a worker or a process died; the script or the "
            "configuration cannot be used.",
        ),
        ("`2`", "Wrong arguments, or variables of the environment."),
        ("`99`", "A threshold was crossed."),
        (
            "`130`, `143`",
            "Ended by a second Ctrl+C (130) or SIGTERM (143), or by the first "
            "one before the load began.",
        ),
        ("<n>", "The script called sys.exit(<n>)."),
    ),
    examples=(
        (
            "Each scenario once, to see that the script works:",
            "molotov --single-run loadtest.py",
        ),
        (
            "Half a minute of load, of ten workers in each of two processes:",
            "molotov -w 10 -p 2 -d 30 loadtest.py",
        ),
        (
            "In a pipeline: plain lines, and status 1 from ten failures on:",
            "molotov -c -d 5m --fail 10 loadtest.py",
        ),
        (
            "The test `smoke` of a configuration:",
            "molotov --config molotov.json smoke",
        ),
        (
            "A server on this machine in the place of the real one:",
            "molotov --connect-to example.com:443:localhost:8443 "
            "--insecure loadtest.py",
        ),
    ),
    see_also="`molostart`(1), `moloslave`(1)",
)

MOLOSTART = Page(
    purpose="write the files that a first load test begins with",
    synopsis=("[<options>]",),
    description=(
        "Asks for a directory, and whether a Makefile is wanted, and writes a "
        "script, a configuration and the Makefile there. The directory is made "
        "where there is none. Nothing that is there is overwritten.",
        "What the Makefile installs is the very version of Molotov that wrote "
        "it.",
    ),
    files=(
        ("`loadtest.py`", "The script, with a scenario and fixtures."),
        ("`molotov.json`", "The configuration, with three tests."),
        ("`Makefile`", "Installs Molotov and runs the tests."),
    ),
    environment=("None is read.",),
    statuses=(
        ("`0`", "All files are written."),
        (
            "`1`",
            "A file is there already or cannot be written, or the answers "
            "ended too early.",
        ),
        ("`2`", "Wrong arguments."),
        ("`130`", "Ctrl+C."),
    ),
    examples=(
        ("All answers at once:", "printf '%s\\n' my-test y | molostart"),
    ),
    see_also="`molotov`(1), `moloslave`(1)",
)

MOLOSLAVE = Page(
    purpose="run a load test of a git repository",
    synopsis=("[<options>] <repo> <run>", "`--version`"),
    description=(
        "Clones the repository <repo>, makes a virtual environment beside it, "
        "installs what the configuration requires into that, and runs "
        "`molotov`(1) as the test <run> of the configuration says, with the "
        "clone as the working directory.",
        "<repo> is whatever `git clone` takes, a path among it. The temporary "
        "directory that all this happens in is cleared away at the end; one "
        "that `--directory` names stays.",
    ),
    environment=(
        "The configuration's `env`, an object of strings, is set for the run; "
        "`molotov`(1) lists the variables that stand for its options.",
    ),
    files=(
        (
            "`molotov.json`",
            "The configuration, in the repository: a JSON object `molotov` "
            "with the `tests`, as for `molotov --config`. It may have "
            "`requirements`, the path of a file for `pip install -r`, and "
            "`env`.",
        ),
    ),
    statuses=(
        (
            "`1`",
            "The test could not be run: there is no such repository, "
            "configuration or test, or a program failed. Why is on standard "
            "error.",
        ),
        ("`2`", "Wrong arguments."),
        ("`130`, `143`", "Ended by Ctrl+C (130) or SIGTERM (143)."),
        ("<n>", "Otherwise that of `molotov`(1)."),
    ),
    examples=(
        (
            "The test `smoke` of a repository:",
            "moloslave https://git.example.com/loads.git smoke",
        ),
        (
            "In a directory that stays:",
            "mkdir work\nmoloslave --directory work ../loads smoke",
        ),
    ),
    see_also="`molotov`(1), `molostart`(1), `git-clone`(1)",
)

PAGES = {"molotov": MOLOTOV, "molostart": MOLOSTART, "moloslave": MOLOSLAVE}
