# Builds what changed. Called by root in a checkout that the product's user cannot read (a home, a private
# temporary folder), it works on a copy of the sources in a readable place.
# shellcheck shell=bash

find_dotnet() {
  [ -z "${DOTNET-}" ] || return 0
  command -v dotnet >/dev/null || fail "the .NET 10 SDK is needed; dotnet is not on the PATH"
  DOTNET=$(readlink -f "$(command -v dotnet)")
  case $(cd "$ROOT" && "$DOTNET" --version 2>/dev/null) in
    10.*) ;;
    *) fail "the .NET 10 SDK is needed; got: $("$DOTNET" --list-sdks 2>/dev/null | tr '\n' ' ')" ;;
  esac
  [ "$EUID" -ne 0 ] || ! getent passwd aegis >/dev/null || setpriv --reuid aegis --regid aegis --init-groups \
    test -x "$DOTNET" || fail "the user aegis cannot reach $DOTNET; install .NET below /usr"
}

# Sets TREE: the checkout, or its readable copy.
choose_tree() {
  TREE=$ROOT
  [ "$EUID" -eq 0 ] && getent passwd aegis >/dev/null || return 0
  if ! setpriv --reuid aegis --regid aegis --init-groups test -r "$ROOT/Aegis.slnx"; then
    TREE=/var/cache/aegis/build/$(printf %s "$ROOT" | sha256sum | cut -c1-12)
    with_lock copy copy_sources
  fi
}

copy_sources() {
  local list=$TREE/.aegis/files
  # below /var/cache: what root builds from must not lie in a folder that the user aegis can change
  install -d -m 755 /var/cache/aegis /var/cache/aegis/build "$TREE" "$TREE/.aegis"
  git -c safe.directory="$ROOT" -C "$ROOT" ls-files -z --cached --others --exclude-standard |
    while IFS= read -r -d '' file; do
      [ ! -e "$ROOT/$file" ] && [ ! -L "$ROOT/$file" ] || printf '%s\n' "$file"
    done | LC_ALL=C sort >"$list.new"
  if [ -e "$list" ]; then
    LC_ALL=C comm -23 "$list" "$list.new" | (cd "$TREE" && xargs -r -d '\n' rm -f)
  fi
  tar -C "$ROOT" --mode=a+rX --verbatim-files-from --no-recursion -T "$list.new" -cf - |
    tar -C "$TREE" --no-same-owner -xf -
  mv "$list.new" "$list"
}

# What is built from: the sources of the product, and but for the name "product" the tests and benches too.
fingerprint() { # name
  local -a parts=(src sdk contracts)
  [ "$1" = product ] || parts+=(tests bench .config)
  (cd "$TREE" && { find "${parts[@]}" ./*.props global.json .editorconfig BannedSymbols.txt \
    \( -name bin -o -name obj -o -name node_modules \) -prune -o -type f -printf '%p %s %T@\n' || true; } |
    LC_ALL=C sort | sha256sum)
}

stamp_file() { printf '%s/.aegis/built-%s' "$TREE" "$1"; }

built() { # name
  [ -n "${TREE-}" ] || { find_dotnet; choose_tree; }
  [ -e "$(stamp_file "$1")" ] && [ "$(cat "$(stamp_file "$1")")" = "$(fingerprint "$1")" ]
}

# Builds projects (or the solution) in Release where a source changed since the same name was built.
build_projects() { # name, projects…
  local name=$1 project before log
  shift
  before=$(fingerprint "$name")
  if [ -e "$(stamp_file "$name")" ] && [ "$(cat "$(stamp_file "$name")")" = "$before" ]; then
    return
  fi
  mkdir -p "$TREE/.aegis"
  log=$TREE/.aegis/build-$name.log
  say "building $*"
  for project in "$@"; do
    if ! (cd "$TREE" && "$DOTNET" build "$project" -c Release -nologo -v quiet -nodeReuse:false) \
      >"$log" 2>&1 9>&- </dev/null; then
      grep -E 'error|warning' "$log" | sort -u | head -40 >&2 || tail -20 "$log" >&2
      fail "the build failed; its log: $log"
    fi
  done
  printf '%s\n' "$before" >"$(stamp_file "$name").new"
  mv "$(stamp_file "$name").new" "$(stamp_file "$name")"
}
