# cookbook [--write] [NAME…]: runs the pages of docs/cookbook and the tutorial as they stand. The product's user may
# be unable to write the checkout, so it leaves the pages that --write renews in a folder, and the caller takes them.
# shellcheck shell=bash disable=SC2164

run_cookbook() {
  local word renewed
  local -a names=() write=()
  for word in "$@"; do
    case $word in
      --write) write=(--write) ;;
      -*) fail "cookbook takes --write and names of pages; got: $word" ;;
      *) names+=("$word") ;;
    esac
  done
  prepare
  choose_tree
  build_product
  set_product_line
  cd "$TREE"
  if [ ${#write[@]} -eq 0 ]; then
    exec "${PRODUCT_LINE[@]}" node samples/cookbook/run.mjs "${names[@]}"
  fi
  renewed=$("${PRODUCT_LINE[@]}" mktemp -d "${TMPDIR:-/tmp}/aegis-pages.XXXXXX")
  # shellcheck disable=SC2064  # this folder, not that of the time of the exit
  trap "rm -rf '$renewed'" EXIT
  local status=0
  "${PRODUCT_LINE[@]}" node samples/cookbook/run.mjs --write "$renewed" "${names[@]}" || status=$?
  take_pages "$renewed"
  exit "$status"
}

take_pages() { # folder
  local page name
  for page in "$ROOT"/docs/tutorial.md "$ROOT"/docs/cookbook/[0-9]*.md; do
    name=${page#"$ROOT/docs/"}
    if [ ! -f "$1/$name" ] || [ -L "$1/$name" ]; then continue; fi
    cat "$1/$name" >"$page"
    say "wrote docs/$name"
  done
}
