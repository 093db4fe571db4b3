#!/usr/bin/env bash
# Runs one built test project and leaves "passed failed skipped" in RESULTS/NAME.sum. A crash of the test host,
# and a project without any test, count as failed.
#   test-project.sh NAME RESULTS FAST
set -uo pipefail
name=$1 results=$2 fast=$3
seconds_max=2400
log=$results/$name.log
filter=()
[ "$fast" != true ] || filter=(--filter "Category!=Slow")
temporary=$(mktemp -d "$results/t.XXXXXX")

began=$SECONDS
TMPDIR=$temporary timeout --kill-after=20 "$seconds_max" dotnet test "tests/$name/bin/Release/net10.0/$name.dll" \
  --nologo --logger "trx;LogFileName=$name.trx" --results-directory "$results" "${filter[@]}" \
  >"$log" 2>&1 </dev/null
status=$?
# files of sandboxes belong to the subuids of this user, whom only their namespace shows as its own
rm -rf "$temporary" 2>/dev/null || unshare --user --map-root-user --map-auto rm -rf "$temporary"

counters=$(grep -oE '<Counters [^>]*' "$results/$name.trx" 2>/dev/null | tail -1)
counter() { grep -oE " $1=\"[0-9]+\"" <<<"$counters" | grep -oE '[0-9]+' || echo 0; }
total=$(counter total) passed=$(counter passed)
failed=$(($(counter failed) + $(counter error) + $(counter timeout) + $(counter aborted)))
skipped=$((total - $(counter executed)))
why=
if [ "$total" -eq 0 ]; then
  failed=1 why=" (no test ran)"
elif [ "$status" -eq 124 ] || [ "$status" -eq 137 ]; then
  failed=$((failed + 1)) why=" (not done after $seconds_max s)"
elif [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then
  failed=1 why=" (the test host ended with status $status)"
fi
echo "$passed $failed $skipped" >"$results/$name.sum"

# one write, so that two projects do not mix their lines
text=$(printf '%-24s %5s passed %3s failed %3s skipped %4s s%s' "$name" "$passed" "$failed" "$skipped" \
  "$((SECONDS - began))" "$why")
if [ "$failed" -gt 0 ]; then
  text="$text"$'\n'"$(tail -n 150 "$log" | sed "s/^/  /")"
  # what sum_up repeats where the log of a long run ends: each failed test with its message
  {
    echo "$name: $failed failed$why"
    awk '/^  (Failed |Standard Output)/ { on = 1; n = 0 } /^  Stack Trace:|^Results File/ { on = 0 } on && n++ < 20' "$log"
  } >"$results/$name.failures"
fi
printf '%s\n' "$text"
