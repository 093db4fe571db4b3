# Installs the packages of tests/node: other people's programs that the tests hold the product against.
# shellcheck shell=bash

# By the machine's own npm configuration, and only where package or lock changed.
ensure_test_clients() {
  local folder=$TREE/tests/node
  test_clients_there "$folder" || with_lock test-clients install_test_clients "$folder"
}

test_clients_there() { # folder
  [ "$(cat "$1/node_modules/.installed" 2>/dev/null)" = "$(test_clients_wanted "$1")" ]
}

test_clients_wanted() { cat "$1/package.json" "$1/package-lock.json" | sha256sum; } # folder

install_test_clients() { # folder
  ! test_clients_there "$1" || return 0
  say "set-up: installing the clients of the tests"
  (cd "$1" && npm ci --ignore-scripts --no-audit --no-fund >"$STATE/npm.log" 2>&1 9>&-) ||
    { tail -5 "$STATE/npm.log" >&2; fail "npm ci failed in tests/node; its log: $STATE/npm.log"; }
  test_clients_wanted "$1" >"$1/node_modules/.installed"
}
