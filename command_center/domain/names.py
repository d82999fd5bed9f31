"""Short names for agents, easy to say and to tell apart."""

from collections.abc import Container

NAMES = [
    "ada",
    "alan",
    "anita",
    "barbara",
    "blaise",
    "carl",
    "dana",
    "dennis",
    "donald",
    "dora",
    "edith",
    "edsger",
    "emil",
    "emmy",
    "erna",
    "fei",
    "fran",
    "george",
    "gina",
    "grace",
    "hal",
    "hedy",
    "henri",
    "hugo",
    "ida",
    "ivan",
    "jean",
    "joan",
    "john",
    "karen",
    "katya",
    "ken",
    "kurt",
    "lea",
    "leslie",
    "lin",
    "linus",
    "lise",
    "mae",
    "margaret",
    "maria",
    "max",
    "mina",
    "nadia",
    "niels",
    "nils",
    "noor",
    "olga",
    "oskar",
    "otto",
    "paul",
    "peggy",
    "piet",
    "radia",
    "rosa",
    "ruth",
    "sam",
    "sofia",
    "sophie",
    "tim",
    "tony",
    "una",
    "vera",
    "vint",
    "wang",
    "wendy",
    "yuri",
    "zara",
]


def free_name(taken: Container[str]) -> str:
    """The first name that is not taken, then the first with a number."""
    for name in NAMES:
        if name not in taken:
            return name
    number = 2
    while True:
        for name in NAMES:
            if f"{name}-{number}" not in taken:
                return f"{name}-{number}"
        number += 1


def slug(text: str, width: int = 24) -> str:
    """`text` as a part of a branch or file name: lower-case words joined by hyphens."""
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in text.lower()).split()
    short = ""
    for word in words:
        longer = f"{short}-{word}" if short else word
        if len(longer) > width:
            break
        short = longer
    return short or "task"
