"""Packs one part."""
import sys

print("packed", sys.argv[1])
