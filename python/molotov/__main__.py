"""``python -m molotov``: the supervisor's load process, or the command itself.

The command is a native program. It starts this module with MOLOTOV_SUPERVISED
set; typed by a person, this module becomes the command.
"""

import os
import site
import sys

SUPERVISED = "MOLOTOV_SUPERVISED"
# A folder of packages to import behind all others: those of moloslave's venv.
SITE_PACKAGES = "MOLOTOV_SITE_PACKAGES"


def main() -> int:
    # -m puts the working directory on the path, the command does not: its
    # files would go before the standard library's.
    if not sys.flags.safe_path and sys.path and sys.path[0] == os.getcwd():
        del sys.path[0]

    protocol = os.environ.pop(SUPERVISED, None)  # not for processes of scripts
    if protocol is None:
        return become_the_command()
    packages = os.environ.pop(SITE_PACKAGES, None)
    if packages is not None:
        site.addsitedir(packages)
    from molotov.child import main as child_main

    return child_main(protocol)


def become_the_command() -> int:
    """Replaces this process by the native program of this installation."""
    from molotov.installation import find_program

    try:
        os.execv(find_program("molotov"), ["molotov", *sys.argv[1:]])
    except FileNotFoundError as error:
        print(f"molotov: {error}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
