# test [--fast] [NAME…]: builds once, runs each test project (or those named, such as Core or Aegis.Core.Tests) as the
# product's user, two at a time, then the longer suites likewise, which a name leaves out.
# shellcheck shell=bash disable=SC2164

run_tests() {
  local fast=false began=$SECONDS name
  local -a projects=() suites=()
  for name in "$@"; do
    case $name in
      --fast) fast=true ;;
      *)
        name=${name#Aegis.} name=Aegis.${name%.Tests}.Tests
        [ -d "$ROOT/tests/$name" ] || fail "test takes --fast and names of projects in tests; got: $name"
        projects+=("$name")
        ;;
    esac
  done
  # shellcheck disable=SC2034  # packages.sh reads it
  $fast || PACKAGE_LISTS="missing_packages missing_test_packages"
  prepare
  choose_tree
  if [ ${#projects[@]} -gt 0 ]; then
    with_lock build build_projects "$(IFS=-; printf %s "${projects[*]}")" "${projects[@]/#/tests/}"
  else
    with_lock build build_projects all Aegis.slnx
  fi
  ensure_npm_cache
  # shellcheck source=deploy/setup/test-clients.sh
  . "$SETUP/test-clients.sh"
  ensure_test_clients
  choose_seed
  set_product_line
  if ! $fast; then
    # shellcheck source=deploy/setup/microvm.sh
    . "$SETUP/microvm.sh"
    ensure_kernel
  fi
  cd "$TREE"
  local results
  results=$("${PRODUCT_LINE[@]}" mktemp -d "${TMPDIR:-/tmp}/aegis-test.XXXXXX")
  # shellcheck disable=SC2064  # this folder, not that of the time of the exit
  trap "rm -rf '$results'" EXIT

  local all=true
  if [ ${#projects[@]} -gt 0 ]; then
    all=false
  else
    projects=(tests/*.Tests)
    projects=("${projects[@]#tests/}")
  fi
  # the largest first, so that two at a time end together
  for name in "${projects[@]}"; do
    printf '%s %s\n' "$(cat "tests/$name"/*.cs "tests/$name"/*/*.cs 2>/dev/null | wc -c)" "$name"
  done | sort -rn | cut -d' ' -f2 |
    "${PRODUCT_LINE[@]}" xargs -P 2 -I{} bash deploy/setup/test-project.sh {} "$results" "$fast" || true
  if $all && ! $fast; then
    # the longest first; each waits about as much as it works
    suites=(durability demo cookbook durability-line)
    printf '%s\n' "${suites[@]}" |
      "${PRODUCT_LINE[@]}" xargs -P 2 -I{} bash deploy/setup/test-suite.sh {} "$results" "$DOTNET" || true
  fi
  # a runner that was killed leaves no line: that is a failure too
  for name in "${projects[@]}" "${suites[@]}"; do
    if [ ! -e "$results/$name.sum" ]; then
      echo "0 1 0" >"$results/$name.sum"
      echo "$name: its runner left no result" >"$results/$name.failures"
    fi
  done
  sum_up "$results" $((SECONDS - began))
}

# A commit's tests have always the same chance, so that what failed can be repeated; AEGIS_TEST_SEED=N is another one,
# and AEGIS_TEST_SEED=random a new one each time.
choose_seed() {
  local commit
  commit=$(git -c safe.directory="$ROOT" -C "$ROOT" rev-parse HEAD 2>/dev/null) || commit=0
  export AEGIS_TEST_SEED=${AEGIS_TEST_SEED:-$((16#${commit:0:7}))}
  echo "seed: $AEGIS_TEST_SEED"
}

sum_up() { # results, seconds
  local passed failed skipped
  read -r passed failed skipped < <(cat "$1"/*.sum | awk '{ p += $1; f += $2; s += $3 } END { print p, f, s }')
  # once more at the end, where whoever reads a long log looks first
  ! compgen -G "$1/*.failures" >/dev/null || cat "$1"/*.failures
  printf 'all suites: %s s\n' "$2"
  if [ "$skipped" -gt 0 ]; then
    printf '%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
  else
    printf '%s passed, %s failed\n' "$passed" "$failed"
  fi
  # nothing may follow the line above
  [ "$failed" -eq 0 ] || exit 1
}
