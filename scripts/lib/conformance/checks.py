"""Prints whether a check holds, and remembers those that do not."""

FAILURES = []


def check(condition, what, detail=""):
    """Prints a line. `what` says what has to hold; `detail` says what was found instead, and is printed only then."""
    print(("  ok    " if condition else "  WRONG ") + what + (f": {detail}" if detail and not condition else ""), flush=True)
    if not condition:
        FAILURES.append(what)
