"""``python -m molotov``: the supervisor's load process, or the command itself.

The command is a native program. It starts this module with MOLOTOV_SUPERVISED
set; typed by a person, this module becomes the command.
"""

import os
import shutil
import sys
import sysconfig

SUPERVISED = "MOLOTOV_SUPERVISED"


def main() -> int:
    # -m puts the working directory on the path, the command does not: its
    # files would go before the standard library's.
    if not sys.flags.safe_path and sys.path and sys.path[0] == os.getcwd():
        del sys.path[0]

    protocol = os.environ.pop(SUPERVISED, None)  # not for processes of scripts
    if protocol is None:
        return become_the_command()
    from molotov.child import main as child_main

    return child_main(protocol)


def become_the_command() -> int:
    """Replaces this process by the native program of this installation."""
    user_scheme = sysconfig.get_preferred_scheme("user")
    folders = [
        os.path.dirname(sys.executable),
        sysconfig.get_path("scripts"),
        sysconfig.get_path("scripts", user_scheme),
    ]
    program = shutil.which("molotov", path=os.pathsep.join(folders))
    if program is not None:
        os.execv(program, ["molotov", *sys.argv[1:]])
    print(
        "molotov: the program 'molotov' of this installation is missing; "
        f"it should be in {folders[0]}",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
