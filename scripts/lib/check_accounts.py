"""Refuses the sample's accounts, which are invented, so that nobody deploys them by mistake.

    python3 scripts/lib/check_accounts.py FILE

FILE is config/account_mapping.csv, or a zip that holds it. A row is the sample's if one of its cells begins like a sample
id (001SBx and nine digits) or holds a sample name, such as "(sample 0001)". It then ends with status 1 and a message that
names the first such row. scripts/deploy calls it, unless --sample is given.
"""
import csv
import io
import re
import sys
import zipfile

NAME = "config/account_mapping.csv"


def read(path):
    """The content of the CSV file, and words that say where it is."""
    if not path.endswith(".zip"):
        with open(path, "rb") as file:
            return file.read(), path
    with zipfile.ZipFile(path) as archive:
        if NAME not in archive.namelist():
            sys.exit(f"{path} holds no {NAME}; scripts/package makes a zip that does")
        return archive.read(NAME), f"{NAME} in {path}"


def is_sample(cell):
    return re.match(r"001SBx[0-9]{9}", cell.strip()) or re.search(r"\(sample [0-9]{4}\)", cell)


text, place = read(sys.argv[1])
rows = list(csv.reader(io.StringIO(text.decode("utf-8-sig", "replace"))))
found = [(number, row) for number, row in enumerate(rows, 1) if any(is_sample(cell) for cell in row)]
if found:
    number, row = found[0]
    sys.exit(
        f"{place}: {len(found)} of the accounts are the sample's, which are invented (the first: row {number}, {row[0]}). "
        "Put your own accounts there. To deploy the sample on purpose, in an environment for trying, pass --sample.")
