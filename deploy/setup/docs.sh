# Writes the generated pages again: the tests that compare them do it when asked to.
# shellcheck shell=bash disable=SC2164

write_docs() {
  find_dotnet
  cd "$ROOT"
  "$DOTNET" build tests/Aegis.Tidy.Tests -c Release -nologo -v quiet
  AEGIS_UPDATE_DOCS=1 "$DOTNET" test tests/Aegis.Tidy.Tests/bin/Release/net10.0/Aegis.Tidy.Tests.dll \
    --nologo --filter "Category=Generated"
}
