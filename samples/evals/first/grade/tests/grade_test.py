import unittest

from grade import grade


class GradeTest(unittest.TestCase):
    def test_bounds(self):
        self.assertEqual("ABCF", "".join(grade(p) for p in (90, 75, 50, 49)))

    def test_out_of_bounds(self):
        for points in (-1, 101):
            with self.assertRaises(ValueError):
                grade(points)
