"""Reads count lines and adds them up."""

from collections import Counter


def read(line: str) -> tuple[str, int]:
    """Splits "bolt M6, 40" into the item and its number."""
    item, separator, number = line.rpartition(",")
    if not separator or not item.strip() or not number.strip().isdecimal():
        raise ValueError(f"not a count line: {line!r}")
    return item.strip(), int(number)


def total(lines: list[str]) -> dict[str, int]:
    """Adds up all lines per item; blank lines count for nothing."""
    sums: Counter[str] = Counter()
    for line in lines:
        if line.strip():
            item, number = read(line)
            sums[item] += number
    return dict(sums)
