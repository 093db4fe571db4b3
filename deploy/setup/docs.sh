# Writes the generated pages and contracts again: the tests that compare them do it when asked to.
# shellcheck shell=bash disable=SC2164

write_docs() {
  find_dotnet
  cd "$ROOT"
  local name
  # Tools writes a contract that Core embeds
  for name in Tools Core Server Tidy; do
    "$DOTNET" build "tests/Aegis.$name.Tests" -c Release -nologo -v quiet
    AEGIS_UPDATE_DOCS=1 "$DOTNET" test "tests/Aegis.$name.Tests/bin/Release/net10.0/Aegis.$name.Tests.dll" \
      --nologo --filter "Category=Generated"
  done
}
