"""Packs finished counts away."""

import tarfile


def pack(folder: str, archive: str) -> None:
    """Packs a folder into a compressed archive."""
    with tarfile.open(archive, "w:gz") as packed:
        packed.add(folder, arcname=".")
