"""What is known to be wrong with the libraries, and what in the code looks dangerous.

Run it by hand: `pip install '.[audit]' && python -m tests.audit`. It says what it could not look
for: when a program is not there, or the database of vulnerabilities cannot be reached. It ends with
status 1 when something was found, and 2 when something was not looked for.
"""

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
FOUND, NOT_RUN = 1, 2
SECONDS = 300
# What pip-audit writes when it cannot ask.
UNREACHED = ("ConnectionError", "Connection", "Max retries", "Timeout", "ServiceError", "resolve")
UNKNOWN = "could not be audited"


class Audit(NamedTuple):
    """A program, its arguments, and what it looks for."""

    module: str
    arguments: tuple[str, ...]
    looks_for: str


AUDITS = (
    Audit("pip_audit", ("--progress-spinner", "off"), "known vulnerabilities of the libraries"),
    # What is at least of medium severity, and of medium confidence: no SQL made of our own names.
    Audit("bandit", ("-q", "-r", "bot", "-ll", "-ii"), "dangerous code"),
)


def run(audit: Audit) -> int:
    """Run one; returns the status, and says what could not be looked for."""
    if importlib.util.find_spec(audit.module) is None:
        name = audit.module.replace("_", "-")
        print(f"NOT RUN: {audit.looks_for}; pip install {name}")
        return NOT_RUN
    print(f"=== {audit.looks_for}", flush=True)
    command = [sys.executable, "-m", audit.module, *audit.arguments]
    try:
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        print(f"NOT RUN: {audit.looks_for}; no answer within {SECONDS} seconds")
        return NOT_RUN
    if ran.returncode and any(sign in ran.stderr for sign in UNREACHED):
        print(f"NOT RUN: {audit.looks_for}; the database of vulnerabilities cannot be reached")
        return NOT_RUN
    print(ran.stdout + ran.stderr)
    unknown = ran.stdout.count(UNKNOWN)
    if unknown > 1:  # one is this program
        print(f"NOT RUN: {audit.looks_for}, for {unknown} of them; the database does not know them")
    return FOUND if ran.returncode else NOT_RUN if unknown > 1 else 0


def main() -> int:
    statuses = {run(audit) for audit in AUDITS}
    return FOUND if FOUND in statuses else max(statuses)


if __name__ == "__main__":
    sys.exit(main())
