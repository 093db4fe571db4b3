import unittest

from leap import leap


class LeapTest(unittest.TestCase):
    def test_every_fourth(self):
        self.assertTrue(leap(1996))
        self.assertFalse(leap(1997))

    def test_centuries(self):
        self.assertFalse(leap(1900))
        self.assertTrue(leap(2000))
