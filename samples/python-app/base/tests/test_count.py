import unittest

from stocktake.count import read, total


class CountTest(unittest.TestCase):
    def test_read_splits_at_the_last_comma(self):
        self.assertEqual(read("bolt, M6, 40"), ("bolt, M6", 40))

    def test_read_refuses_a_line_without_number(self):
        with self.assertRaises(ValueError):
            read("bolt M6")

    def test_total_adds_up_per_item(self):
        self.assertEqual(total(["bolt, 40", "", "nut, 2", "bolt, 2"]), {"bolt": 42, "nut": 2})

    def test_total_of_nothing_is_empty(self):
        self.assertEqual(total([]), {})
