"""Checks which files a packaged function's zip holds, then unpacks it.

    python3 scripts/lib/unpack.py ZIP FOLDER

If a file is missing, if there is one too many, or if bootstrap is not executable, it unpacks nothing and ends with status 1
and a message. Python does not restore the files' modes: the caller makes bootstrap executable. scripts/check-package calls
it.
"""
import sys
import zipfile

WANTED = {
    "bootstrap", "config/account_mapping.csv", "config/customers.yaml", "config/sources.yaml", "config/thresholds.yaml", "config/weights.yaml",
}

path, folder = sys.argv[1:]
archive = zipfile.ZipFile(path)
names = set(archive.namelist())
if names != WANTED:
    sys.exit(f"the zip holds {sorted(names ^ WANTED)} more or less than expected")
if archive.getinfo("bootstrap").external_attr >> 16 & 0o777 != 0o755:
    sys.exit("bootstrap is not executable")
archive.extractall(folder)
