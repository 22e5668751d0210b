"""What is compared, a module a subject; each has its CASES."""

from __future__ import annotations

import importlib
import pkgutil

SUBJECTS = [
    importlib.import_module(f"{__name__}.{module.name}")
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda m: m.name)
]
