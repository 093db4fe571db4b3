# test [--fast] [NAME…]: builds once, runs each test project (or those named, such as Core or Aegis.Core.Tests) as the
# product's user, two at a time, then the longer suites, which a name leaves out.
# shellcheck shell=bash disable=SC2164

run_tests() {
  local fast=false began=$SECONDS name
  local -a projects=()
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
  for name in "${projects[@]}"; do
    # a runner that was killed leaves no line: that is a failure too
    if [ ! -e "$results/$name.sum" ]; then
      echo "0 1 0" >"$results/$name.sum"
      echo "$name: its runner left no result" >"$results/$name.failures"
    fi
  done
  if $all && ! $fast; then
    run_suite demo "$results" node demo/demo.mjs
    run_suite cookbook "$results" node samples/cookbook/run.mjs
    run_suite durability "$results" "$DOTNET" \
      "$TREE/tests/Aegis.Durability/bin/Release/net10.0/Aegis.Durability.dll" --seed 20261
    run_suite durability-line "$results" "$DOTNET" \
      "$TREE/tests/Aegis.Durability/bin/Release/net10.0/Aegis.Durability.dll" --line --fast --seed 20261
  fi
  sum_up "$results" $((SECONDS - began))
}

# A suite prints lines of its own and ends with "NAME: N passed, N failed".
run_suite() { # name, results, command…
  local name=$1 results=$2 last status=0 passed failed
  shift 2
  "${PRODUCT_LINE[@]}" "$@" </dev/null 2>&1 | tee "$results/$name.log" || status=$?
  last=$(grep -E "^$name: [0-9]+ passed, [0-9]+ failed" "$results/$name.log" | tail -1) || true
  read -r passed failed < <(sed -nE 's/.*: ([0-9]+) passed, ([0-9]+) failed.*/\1 \2/p' <<<"$last") || true
  if [ "${passed:-0}" -eq 0 ] || { [ "$status" -ne 0 ] && [ "${failed:-0}" -eq 0 ]; }; then
    say "$name: did not end as it should (status $status)"
    failed=$((${failed:-0} + 1))
  fi
  if [ "$failed" -gt 0 ]; then
    { echo "$name: $failed failed" && grep -E -A 12 '^ *FAIL' "$results/$name.log" | head -n 200; } \
      >"$results/$name.failures" || true
  fi
  echo "${passed:-0} $failed 0" >"$results/$name.sum"
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
