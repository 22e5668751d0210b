"""`make pythons`: the Python tests with each supported CPython that is here,
but for that of venv/, which `make test` has."""

import glob
import os
import sys

import nox

OURS = "{}.{}".format(*sys.version_info)
OTHERS = [v for v in ("3.11", "3.12", "3.13", "3.14") if v != OURS]

nox.options.envdir = "build/nox"
nox.options.error_on_missing_interpreters = False
# A name on the PATH may be a shim of pyenv's with nothing behind it.
pyenv = glob.glob(os.path.expanduser("~/.pyenv/versions/3.*/bin"))
os.environ["PATH"] = os.pathsep.join([*pyenv, os.environ["PATH"]])


@nox.session(python=OTHERS, venv_backend="venv", reuse_venv=True)
def tests(session: nox.Session) -> None:
    venv = session.virtualenv.location
    command = ["tools/test_python.sh", str(session.python), venv]
    session.run(*command, external=True)
