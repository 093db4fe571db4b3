# cookbook [--write] [NAME…]: runs the pages of docs/cookbook and the tutorial as they stand.
# shellcheck shell=bash disable=SC2164

run_cookbook() {
  prepare
  choose_tree
  build_product
  set_product_line
  cd "$TREE"
  exec "${PRODUCT_LINE[@]}" node samples/cookbook/run.mjs "$@"
}
