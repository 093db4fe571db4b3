# up and down. The server writes server.json into its home when it listens and takes it away when it ends.
# shellcheck shell=bash disable=SC2164

START_SECONDS_MAX=90
STOP_SECONDS_MAX=40

server_field() { # name
  [ -r "$PRODUCT_HOME/server.json" ] || return 1
  node -e 'const v = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"))[process.argv[2]];
    if (v === undefined) process.exit(1); console.log(v)' "$PRODUCT_HOME/server.json" "$1" 2>/dev/null
}

# Clock ticks from boot to the start of a process: together with its id, they name it once and for all.
started_at() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

# Prints the process of a running server of this home.
server_process() {
  local process
  process=$(server_field pid) && [ -n "$(started_at "$process")" ] || return 1
  [ "$(started_at "$process")" = "$(server_field start_time)" ] || return 1
  printf '%s\n' "$process"
}

# A plain request by bash itself: a fresh machine has no curl.
server_ready() {
  local url port line
  url=$(server_field url) || return 1
  port=${url##*:}
  port=${port%%/*}
  { exec 8<>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null || return 1
  printf 'GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n' >&8
  read -r -t 2 line <&8 || line=
  exec 8>&-
  [[ $line == HTTP/*" 200"* ]]
}

server_up() {
  local foreground=false
  case ${1-} in
    --foreground) foreground=true ;;
    "") ;;
    *) fail "up takes --foreground; got: $1" ;;
  esac
  prepare
  choose_tree
  if server_process >/dev/null && server_ready; then
    say "the server runs already"
    tell_server
    return
  fi
  build_product
  ensure_npm_cache
  set_product_line
  cd "$TREE"
  local -a line=("${PRODUCT_LINE[@]}" "$DOTNET" "$TREE/src/Aegis.Server/bin/Release/net10.0/Aegis.Server.dll")
  if $foreground; then
    exec "${line[@]}"
  fi
  with_lock up start_server
}

start_server() {
  local log=$PRODUCT_HOME/server.log deadline=$((SECONDS + START_SECONDS_MAX)) child
  # the product's user opens its own log
  "${PRODUCT_LINE[@]}" mkdir -p "$PRODUCT_HOME"
  # shellcheck disable=SC2016  # expanded by the inner shell
  setsid "${PRODUCT_LINE[@]}" sh -c 'exec "$@" >>"$0" 2>&1' "$log" "${line[@]:${#PRODUCT_LINE[@]}}" \
    </dev/null >/dev/null 2>&1 9>&- &
  child=$!
  disown
  until server_ready; do
    kill -0 "$child" 2>/dev/null || { tail -20 "$log" >&2; fail "the server ended; its log: $log"; }
    [ "$SECONDS" -lt "$deadline" ] || fail "the server is not ready after $START_SECONDS_MAX s; its log: $log"
    sleep 0.05
  done
  tell_server
}

tell_server() {
  printf 'server     %s\nadmin key  %s\n' "$(server_field url)" "$PRODUCT_HOME/admin-key.json"
}

server_down() {
  local process deadline=$((SECONDS + STOP_SECONDS_MAX)) began
  if ! process=$(server_process); then
    say "no server runs in $PRODUCT_HOME"
    return
  fi
  began=$(started_at "$process")
  kill -TERM "$process"
  while [ "$(started_at "$process")" = "$began" ]; do
    [ "$SECONDS" -lt "$deadline" ] || fail "the server (process $process) did not end within $STOP_SECONDS_MAX s"
    sleep 0.05
  done
  say "stopped"
}
