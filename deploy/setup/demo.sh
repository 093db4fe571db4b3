# shellcheck shell=bash disable=SC2164

run_demo() {
  prepare
  choose_tree
  build_product
  ensure_npm_cache
  set_product_line
  cd "$TREE"
  exec "${PRODUCT_LINE[@]}" node demo/demo.mjs "$@"
}
