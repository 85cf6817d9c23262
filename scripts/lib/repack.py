"""Takes the program out of one zip and packs it with this folder's config/ into another.

    python3 scripts/lib/repack.py OLD NEW

OLD is a zip that scripts/package made, for example a release's. Run it in the project's folder. It ends with status 1 and a
message if OLD is no such zip. scripts/deploy calls it for --zip.
"""
import sys
import zipfile

from pack import pack

source, target = sys.argv[1:]
try:
    with zipfile.ZipFile(source) as archive:
        program = archive.read("bootstrap")
except (KeyError, zipfile.BadZipFile) as error:
    sys.exit(f"{source} is not a zip of scripts/package: {error}")
pack(program, target)
