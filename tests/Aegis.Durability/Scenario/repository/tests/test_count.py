import pathlib
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent


class EveryStepOnce(unittest.TestCase):
    def test_gate(self):
        self.assertEqual(0, subprocess.run([str(ROOT / "gate.sh"), "tests"], check=False).returncode)

    def test_each_log_has_two_lines(self):
        for file in sorted((ROOT / "log").glob("*.txt")):
            self.assertEqual([f"{file.stem} begins", f"{file.stem} ends"], file.read_text().splitlines())


if __name__ == "__main__":
    unittest.main()
