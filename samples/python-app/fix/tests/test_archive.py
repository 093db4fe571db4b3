import tarfile
import tempfile
import unittest
from pathlib import Path

from stocktake.archive import pack


class ArchiveTest(unittest.TestCase):
    def pack_one(self, home: str, name: str) -> list[str]:
        folder = Path(home, "counts")
        folder.mkdir()
        (folder / "monday.txt").write_text("bolt, 40\n", encoding="utf-8")
        archive = Path(home, name)
        pack(str(folder), str(archive))
        with tarfile.open(archive) as packed:
            return packed.getnames()

    def test_pack_keeps_every_file(self):
        with tempfile.TemporaryDirectory() as home:
            self.assertIn("./monday.txt", self.pack_one(home, "counts.tar.gz"))

    def test_a_name_is_data_never_shell_text(self):
        with tempfile.TemporaryDirectory() as home:
            self.assertIn("./monday.txt", self.pack_one(home, "a; touch b.tar.gz"))
            self.assertEqual(sorted(p.name for p in Path(home).iterdir()), ["a; touch b.tar.gz", "counts"])
