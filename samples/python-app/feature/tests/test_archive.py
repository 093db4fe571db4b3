import tarfile
import tempfile
import unittest
from pathlib import Path

from stocktake.archive import pack


class ArchiveTest(unittest.TestCase):
    def test_pack_keeps_every_file(self):
        with tempfile.TemporaryDirectory() as home:
            folder = Path(home, "counts")
            folder.mkdir()
            (folder / "monday.txt").write_text("bolt, 40\n", encoding="utf-8")
            archive = Path(home, "counts.tar.gz")
            pack(str(folder), str(archive))
            with tarfile.open(archive) as packed:
                self.assertIn("./monday.txt", packed.getnames())
