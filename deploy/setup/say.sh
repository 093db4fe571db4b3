# What every verb needs: messages, one place for what the checkout keeps, locks.
# shellcheck shell=bash

# Ignored by git; survives between calls.
STATE=$ROOT/.aegis

say() { printf '%s\n' "$*" >&2; }

fail() {
  say "aegis: $*"
  exit 1
}

# Runs a function while no other ./aegis of this checkout is in the same part. The lock is the kernel's: it ends
# with the process, so an interrupted set-up leaves none behind. What the function starts in the background must
# close descriptor 9.
with_lock() { # part, function, arguments…
  local part=$1
  shift
  mkdir -p "$STATE"
  exec 9>"$STATE/$part.lock"
  if ! flock --nonblock 9; then
    say "waiting for another ./aegis ($part)"
    flock 9
  fi
  "$@"
  exec 9>&-
}
