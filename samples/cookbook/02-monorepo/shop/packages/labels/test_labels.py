import unittest

from labels import label


class LabelTests(unittest.TestCase):
    def test_price_has_two_decimals(self):
        self.assertEqual(label("tea ", 250), "tea 2.50")


if __name__ == "__main__":
    unittest.main()
