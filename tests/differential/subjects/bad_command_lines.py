"""Command lines that cannot be used."""

from __future__ import annotations

from differential.case import Case, Differs

SCRIPT = """
@scenario()
async def one(session):
    say("one")
"""
CONFIGURATION = Differs(
    "status",
    "2.x ends with 0 when a configuration cannot be used (D2)",
    ours=("exit status 1",),
    original=("exit status 0",),
)


def refused(name: str, *arguments: str, quick: bool = False) -> Case:
    """Status 2, and the same message below the usage."""
    return Case(name, SCRIPT, arguments, quick=quick)


def ends(name: str, *arguments: str, differs: tuple[Differs, ...] = ()) -> Case:
    return Case(name, SCRIPT, arguments, differs=differs)


CASES = [
    refused("an unknown option", "--nope", quick=True),
    refused("an unknown short option", "-z"),
    refused("a number that is none", "-w", "x", quick=True),
    refused("a number that is no whole one", "-w", "1.5"),
    refused("runs that are no number", "-r", "many"),
    refused("a duration with a fraction", "-d", "1.5"),
    refused("a ramp-up that is no number", "--ramp-up", "x"),
    refused("a delay that is no number", "--delay", "x"),
    refused("a tolerance that is no number", "--sizing-tolerance", "x"),
    refused("processes that are no number", "-p", "x"),
    refused("fail that is no number", "-f", "x"),
    refused("an option without its value", "-w"),
    refused("an extension without its value", "--use-extension"),
    refused("an ambiguous prefix", "--con"),
    refused("a value for a flag", "--quiet=yes"),
    refused("two scripts", "one.py", "two.py"),
    refused("an empty number", "-w", ""),
    ends("a script that is not there", "no/such.py"),
    ends("a module that is not there", "no.such.module"),
    ends("an empty script name", ""),
    ends(
        "a folder as the script",
        ".",
        differs=(
            Differs("stdout", "as 2.7 says it", ours=("Cannot import '.'",)),
            Differs(
                "stderr",
                "2.6 ends in a traceback",
                original=(
                    "AttributeError: 'NoneType' object …",
                    "Traceback (most recent call last):",
                ),
            ),
        ),
    ),
    ends("quiet and verbose", "-q", "-v"),
    ends("quiet and verbose and no script", "-qv", "missing.py"),
    ends(
        "single mode and single run",
        "-s",
        "one",
        "--single-run",
        differs=(
            Differs(
                "stdout",
                "the option's name is spelt right (D5)",
                ours=("You can't use --single-mode and --single-run",),
                original=("You can't use --singlee-mode and --single-run",),
            ),
        ),
    ),
    ends("a single mode that is not there", "-s", "nobody"),
    ends("an extension that is not there", "--use-extension=no_such", "-r1"),
    ends("an extension's path that is not there", "--use-extension=no/such.py"),
    ends(
        "a statsd address that is none",
        "--statsd",
        "--statsd-address",
        "udp://localhost:port",
        "-r",
        "1",
        differs=(
            Differs(
                "status",
                "it is a wrong argument, said before the start",
                ours=("exit status 2",),
                original=("exit status 1",),
            ),
            Differs(
                "stderr",
                "it is a wrong argument, said before the start",
                ours=("molotov: error: …--statsd-address…", "…"),
                original=("ValueError: …", "…"),
            ),
        ),
    ),
    ends(
        "a configuration that is not there",
        "--config",
        "no.json",
        differs=(CONFIGURATION,),
    ),
]
