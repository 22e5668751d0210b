"""Sessions of kinds of their own, which are new in 2.7."""

from __future__ import annotations

from differential.case import Case, Differs

NEW = "2.6 has no session_factory"

CASES = [
    Case(
        "a kind of its own",
        """
class Own:
    def __init__(self, trace_config):
        self._trace_configs = [trace_config]
    async def close(self):
        say("closed")
@session_factory("own")
def make(loop, console, verbose, statsd, trace_config, **kw):
    say(sorted(kw))
    return Own(trace_config)
@scenario()
async def one(session, session_factory="own", option=5):
    say(type(session).__name__)
""",
        differs=(
            Differs("status", NEW, ("exit status 0",), ("exit status 1",)),
            Differs(
                "stdout",
                NEW,
                ours=(
                    "> ['option']",
                    "> Own",
                    "> closed",
                    "Preparing 1 workers...OK",
                    "SUCCESSES: 1 | FAILURES: 0",
                    "*** Bye ***",
                ),
            ),
            Differs(
                "stderr",
                NEW,
                original=(
                    "NameError: name 'session_factory' is not defined",
                    "…",
                ),
            ),
        ),
    ),
    Case(
        "a kind that is not there",
        """
@scenario()
async def one(session, session_factory="nothing"):
    say("never")
""",
        differs=(
            Differs(
                "stdout",
                NEW,
                ours=(
                    "[W:0] Session creation failure!",
                    "KeyError('nothing')",
                    "SUCCESSES: 0 | FAILURES: 1",
                ),
                original=("> never", "SUCCESSES: 1 | FAILURES: 0"),
            ),
        ),
    ),
]
