#!/usr/bin/env bash
# Runs one of the longer suites and leaves "passed failed skipped" in RESULTS/NAME.sum. A suite prints lines of its
# own and ends with "NAME: N passed, N failed"; one that does not end so has failed.
#   test-suite.sh NAME RESULTS DOTNET
set -uo pipefail
name=$1 results=$2 dotnet=$3
harness=(tests/Aegis.Durability/bin/Release/net10.0/Aegis.Durability.dll --seed 20261)
case $name in
  demo) suite=(node demo/demo.mjs) ;;
  cookbook) suite=(node samples/cookbook/run.mjs) ;;
  durability) suite=("$dotnet" "${harness[@]}") ;;
  durability-line) suite=("$dotnet" "${harness[@]}" --line --fast) ;;
esac

printf '%s: begins\n' "$name"
"${suite[@]}" </dev/null >"$results/$name.log" 2>&1
status=$?
read -r passed failed < <(sed -nE "s/^$name: ([0-9]+) passed, ([0-9]+) failed.*/\1 \2/p" "$results/$name.log" | tail -1)
why=
if [ "${passed:-0}" -eq 0 ] || { [ "$status" -ne 0 ] && [ "${failed:-0}" -eq 0 ]; }; then
  failed=$((${failed:-0} + 1)) why="$name: did not end as it should (status $status)"
fi
if [ "$failed" -gt 0 ]; then
  { echo "$name: $failed failed" && grep -E -A 12 '^ *FAIL' "$results/$name.log" | head -n 200; } \
    >"$results/$name.failures" || true
fi
echo "${passed:-0} $failed 0" >"$results/$name.sum"
# one write, so that two suites do not mix their lines
printf '%s\n' "$(cat "$results/$name.log")${why:+$'\n'$why}"
