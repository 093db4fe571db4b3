#!/bin/sh
# Every file of the work tree with its hash.
find . -path ./.git -prune -o -name __pycache__ -prune -o -type f -print | LC_ALL=C sort | xargs sha256sum
