# shellcheck shell=bash disable=SC2164

run_bench() {
  prepare
  choose_tree
  if [ "${1-}" = durability ]; then
    bench_durability "${@:2}"
  fi
  with_lock build build_projects bench bench/Aegis.Bench
  set_product_line
  # a result file is the caller's, not the product's: it is handed over through a pipe
  local -a words=()
  local file=
  while [ $# -gt 0 ]; do
    case $1 in
      --json) file=${2:?--json needs a file}; shift 2 ;;
      *) words+=("$1"); shift ;;
    esac
  done
  cd "$TREE"
  local -a line=("${PRODUCT_LINE[@]}" "$DOTNET" "$TREE/bench/Aegis.Bench/bin/Release/net10.0/Aegis.Bench.dll"
    "${words[@]}")
  [ -n "$file" ] || exec "${line[@]}"
  local folder
  folder=$("${PRODUCT_LINE[@]}" mktemp -d)
  (cd "$OLDPWD" && : >"$file")
  "${line[@]}" --json "$folder/result.json"
  (cd "$OLDPWD" && cat "$folder/result.json" >"$file")
  rm -rf "$folder"
}

# Every kill point, and with --self-proof the two builds that must be found out; ./aegis test plays one seed of it.
bench_durability() { # [--quick] [--seed N] [--self-proof] …
  with_lock build build_projects durability tests/Aegis.Durability
  ensure_npm_cache
  set_product_line
  cd "$TREE"
  exec "${PRODUCT_LINE[@]}" "$DOTNET" "$TREE/tests/Aegis.Durability/bin/Release/net10.0/Aegis.Durability.dll" \
    "${@/--quick/--fast}"
}
