"""Runs the parts of the conformance test. scripts/conformance installs what they need and starts this folder:

    .build-conformance/bin/python3 scripts/lib/conformance [PART…]

A part is lint, emulator, large, aws, customers, cards or steps; each is a file here. Without a PART all of them run. Every part prints a line
for each check. The exit status is 0 if all checks hold, else 1. Run it in the project's folder, where
build/health-score.zip and .build/debug/healthscore have to be.
"""
import os
import sys
import tempfile
import zipfile

from aws import aws
from cards import cards
from checks import FAILURES
from customers import customers
from emulator import emulator
from large import large
from lint import lint
from steps import steps

# Each is called with the folder of the unpacked function, and with a folder for files of its own.
PARTS = {
    "lint": lint, "emulator": emulator, "large": large, "aws": aws, "customers": customers, "cards": cards, "steps": steps}


def main():
    with tempfile.TemporaryDirectory() as folder:
        task = os.path.join(folder, "task")
        zipfile.ZipFile("build/health-score.zip").extractall(task)
        os.chmod(os.path.join(task, "bootstrap"), 0o755)
        for part in sys.argv[1:] or PARTS:
            if part not in PARTS:
                sys.exit(f"unknown part {part}; there are {', '.join(PARTS)}")
            PARTS[part](task, folder)
    if FAILURES:
        sys.exit(f"{len(FAILURES)} of the checks failed: " + "; ".join(FAILURES))
    print("conformant")


main()
