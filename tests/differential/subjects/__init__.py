"""What is compared, a module a subject."""

from __future__ import annotations

import importlib
import pkgutil

from differential.case import Case


def all_cases() -> list[Case]:
    """Those of all modules here, in the order of the modules' names."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    return [case for module in modules for case in module.CASES]
