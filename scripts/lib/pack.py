"""Packs the function: one program and the files of config/ become the zip that AWS Lambda takes.

    python3 scripts/lib/pack.py PROGRAM ZIP

PROGRAM is the file that is called "bootstrap" in ZIP. The same input always gives the same bytes: every file in the zip has
the same date, and the files stand in a fixed order. Run it in the project's folder. scripts/package calls it; repack.py
uses its pack().
"""
import os
import sys
import zipfile


def pack(program, target):
    """Writes the zip `target`. `program` is the content of bootstrap, as bytes."""
    files = [("bootstrap", program, 0o755)]
    for folder, folders, names in os.walk("config"):
        folders.sort()
        files += [(path, read(path), 0o644) for path in (f"{folder}/{name}" for name in sorted(names))]
    # The zip gets its name when it is complete. Whoever reads it never sees half of one.
    with zipfile.ZipFile(target + ".new", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content, mode in files:
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            # 3 is Unix: Lambda then takes the file's mode from the upper 16 bits of external_attr.
            entry.create_system = 3
            entry.external_attr = (0o100000 | mode) << 16
            archive.writestr(entry, content)
    os.replace(target + ".new", target)


def read(path):
    with open(path, "rb") as file:
        return file.read()


if __name__ == "__main__":
    program_path, zip_path = sys.argv[1:]
    pack(read(program_path), zip_path)
