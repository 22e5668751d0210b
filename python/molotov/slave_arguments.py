"""What ``moloslave`` is told on its command line."""

import argparse
import sys


def make_parser() -> argparse.ArgumentParser:
    """The command's options; its manual page is made from them, too."""
    parser = argparse.ArgumentParser(
        prog="moloslave",
        description="Github-based load test",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument(
        "--version", action="store_true", help="print the version and exit"
    )
    parser.add_argument(
        "--virtualenv",
        help="program that makes the virtual environment, such as virtualenv; "
        "otherwise Python's venv does",
    )
    parser.add_argument(
        "--python",
        default=sys.executable,
        help="interpreter that makes the virtual environment",
    )
    parser.add_argument(
        "--directory",
        help="existing, empty directory to work in, which stays; otherwise "
        "there is a temporary one",
    )
    parser.add_argument(
        "--config",
        default="molotov.json",
        help="path of the configuration file in the repository",
    )
    parser.add_argument("repo", nargs="?", help="whatever git can clone")
    parser.add_argument("run", nargs="?", help="name of the test to run")
    return parser
