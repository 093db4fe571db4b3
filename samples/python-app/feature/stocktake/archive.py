"""Packs finished counts away."""

import subprocess


def pack(folder: str, archive: str) -> None:
    """Packs a folder into a compressed archive."""
    subprocess.run(f"tar -czf {archive} -C {folder} .", shell=True, check=True)
