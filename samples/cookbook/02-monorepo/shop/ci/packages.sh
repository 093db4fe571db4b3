#!/bin/sh
# Which packages there are, and what runs their tests, as JSON for the workflow's foreach.
list=
for folder in packages/*/; do
  name=$(basename "$folder")
  if [ -f "$folder/package.json" ]; then framework=node:test; else framework=unittest; fi
  list="$list${list:+,}{\"name\":\"$name\",\"framework\":\"$framework\"}"
done
echo "packages=[$list]" >>"$AEGIS_OUTPUT"
echo "[$list]"
