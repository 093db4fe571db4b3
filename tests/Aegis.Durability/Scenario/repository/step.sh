#!/bin/sh
# Appends two lines to log/NAME.txt and can be stopped between them.
set -eu
mkdir -p log
echo "$1 begins" >> "log/$1.txt"
./gate.sh "$1"
echo "$1 ends" >> "log/$1.txt"
if [ "$1" = setup ]; then
  mkdir -p .git/hooks
  printf '#!/bin/sh\nexec ./gate.sh commit\n' > .git/hooks/pre-commit
  printf '#!/bin/sh\nexec ./gate.sh branch\n' > .git/hooks/post-checkout
  chmod +x .git/hooks/pre-commit .git/hooks/post-checkout
fi
