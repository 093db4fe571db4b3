# Writes the generated pages and contracts/openapi.json again: the tests that compare them do it when asked to.
# shellcheck shell=bash disable=SC2164

write_docs() {
  find_dotnet
  cd "$ROOT"
  local name
  for name in Aegis.Tidy.Tests Aegis.Server.Tests; do
    "$DOTNET" build "tests/$name" -c Release -nologo -v quiet
    AEGIS_UPDATE_DOCS=1 "$DOTNET" test "tests/$name/bin/Release/net10.0/$name.dll" \
      --nologo --filter "Category=Generated"
  done
}
