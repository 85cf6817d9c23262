"""Checks that a module imports only from folders above its own, or from modules before it in its own folder.

Usage: swift package dump-package | python3 scripts/lib/boundaries.py

The folders of Sources/ are the architecture. Their order stands here; the order of modules is that of Package.swift. The
compiler makes sure that every import is declared there, this script that no declaration points upwards.
"""

import json
import sys

FOLDERS = ["System", "Foundations", "Vendors", "Runs", "Health", "Customers", "Cards", "Identity", "Products"]


def main():
    """Returns the exit status: 1 if a module imports from below."""
    targets = json.load(sys.stdin)["targets"]
    place = {}
    for position, target in enumerate(targets):
        parts = (target.get("path") or "").split("/")
        if parts[0] == "Sources":
            place[target["name"]] = (FOLDERS.index(parts[1]), position)
    problems = []
    for target in targets:
        name = target["name"]
        for dependency in target["dependencies"]:
            other = (dependency.get("byName") or dependency.get("target") or [None])[0]
            if name not in place or other not in place:
                continue
            if place[other] >= place[name]:
                problems.append(f"{name} imports {other}, which stands below it")
            if FOLDERS[place[name][0]] == "Vendors" and FOLDERS[place[other][0]] == "Vendors" and other != "Connectors":
                problems.append(f"{name} imports {other}; a vendor knows no other vendor")
    for problem in problems:
        print(f"Package.swift: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
