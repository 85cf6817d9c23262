"""Checks which files a packaged function's zip holds, then unpacks it.

    python3 scripts/lib/unpack.py ZIP FOLDER

If a file is missing, if there is one too many, or if bootstrap is not executable, it unpacks nothing and ends with status 1
and a message. Python does not restore the files' modes: the caller makes bootstrap executable. scripts/check-package calls
it.
"""
import re
import sys
import zipfile

QUERIES = ("capacity_by_event_type", "mqls", "q1_new_inventory_value", "total_limited_capacity", "total_yearly_capacity")
WANTED = {
    "bootstrap", "config/account_mapping.csv", "config/cards.yaml", "config/customers.yaml", "config/sources.yaml",
    "config/targets.yaml", "config/thresholds.yaml", "config/weights.yaml", *(f"config/queries/{name}.sql" for name in QUERIES),
}

# What people add to their configuration.
ALLOWED = re.compile(r"config/(ad_spend/[^/]+\.csv|approved_offers\.csv|mapping_refused\.csv|queries/[^/]+\.sql)")

path, folder = sys.argv[1:]
archive = zipfile.ZipFile(path)
names = set(archive.namelist())
strange = sorted(name for name in names ^ WANTED if name in WANTED or not ALLOWED.fullmatch(name))
if strange:
    sys.exit(f"the zip holds {strange} more or less than expected")
if archive.getinfo("bootstrap").external_attr >> 16 & 0o777 != 0o755:
    sys.exit("bootstrap is not executable")
archive.extractall(folder)
