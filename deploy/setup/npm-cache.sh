# Fills the npm cache that sandboxes get read-only, by the machine's own npm configuration. npm rewrites each
# index entry that it reads, so it can't work on a read-only cache: inside, offline.cjs (loaded by NODE_OPTIONS)
# gives npm a private copy of the index, while the packages themselves stay where they are.
# shellcheck shell=bash

# Sets AEGIS_NPM_CACHE; one folder for each set of lock files and registry.
ensure_npm_cache() {
  local lock=$TREE/samples/node-app/base/package-lock.json base=$STATE/npm settings
  [ "$EUID" -ne 0 ] || base=/var/cache/aegis/npm
  settings=$(npm_settings)
  AEGIS_NPM_CACHE=$base/$({ cat "$lock" "$TREE"/deploy/setup/{offline.cjs,npm-cache.sh}; echo "$settings"; } |
    sha256sum | cut -c1-12)
  export AEGIS_NPM_CACHE
  [ -d "$AEGIS_NPM_CACHE" ] || with_lock npm fill_npm_cache "$settings"
}

# The registries that the machine's npm speaks to: cached answers are kept under their addresses.
npm_settings() {
  # shellcheck disable=SC2016  # JavaScript's own ${…}
  npm config list --json 2>/dev/null | node -e '
    const all = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
    for (const [key, value] of Object.entries(all)) {
      if (!/^(@[^:]+:)?registry$/.test(key)) continue;
      if (/\/\/[^/]*@/.test(value)) throw new Error(`npm setting ${key} holds a password`);
      console.log(`${key}=${value}`);
    }' || fail "npm's configuration cannot be read, or names a registry with a password in its address"
}

fill_npm_cache() { # settings
  [ ! -d "$AEGIS_NPM_CACHE" ] || return 0
  local made work
  install -d -m 755 "$(dirname "$AEGIS_NPM_CACHE")"
  made=$(mktemp -d "$AEGIS_NPM_CACHE.XXXXXX")
  work=$(mktemp -d)
  # shellcheck disable=SC2064  # these folders, not those of the time of the exit
  trap "rm -rf '$made' '$work'" EXIT
  say "set-up: filling the npm cache of the sandboxes"
  cp "$TREE"/samples/node-app/base/{package.json,package-lock.json,.npmrc} "$work"
  (cd "$work" && npm ci --ignore-scripts --no-audit --no-fund --cache "$made" >"$STATE/npm.log" 2>&1 9>&-) ||
    { tail -5 "$STATE/npm.log" >&2; fail "npm ci failed; its log: $STATE/npm.log"; }
  rm -rf "$made/_logs" "$made"/_cacache/tmp "$made"/_update-notifier-last-checked
  cp "$TREE/deploy/setup/offline.cjs" "$made"
  printf '%s\n' "$1" cache=/tmp/.npm offline=true logs-max=0 audit=false fund=false progress=false \
    update-notifier=false >"$made/npmrc"
  chmod -R a+rX "$made"
  mv -T "$made" "$AEGIS_NPM_CACHE"
  rm -rf "$work"
  trap - EXIT
}
