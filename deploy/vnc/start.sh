#!/usr/bin/env bash
# Starts a VNC screen for remote review, on loopback alone: SSH carries it (docs/SECURITY.md). It looks at what listens
# afterwards, and ends what listens anywhere else.
set -Eeuo pipefail

DISPLAY_NUMBER=${AEGIS_VNC_DISPLAY:-1}
PORT=$((5900 + DISPLAY_NUMBER))

fail() {
  printf 'vnc: %s\n' "$*" >&2
  exit 1
}

# every address on which the port listens, one a line
addresses() {
  ss -Hltn "sport = :$PORT" | awk '{ print $4 }'
}

stop() {
  if command -v vncserver >/dev/null; then
    vncserver -kill ":$DISPLAY_NUMBER" >/dev/null 2>&1 || true
  fi
  if [ -s "$PID_FILE" ]; then
    kill "$(cat "$PID_FILE")" 2>/dev/null || true
    rm -f "$PID_FILE"
  fi
  local tries=50
  while [ -n "$(addresses)" ] && [ "$tries" -gt 0 ]; do
    tries=$((tries - 1))
    sleep 0.1
  done
}

start() {
  [ -z "$(addresses)" ] || fail "something listens on port $PORT already"
  if command -v vncserver >/dev/null; then
    [ -s "$HOME/.vnc/passwd" ] || [ -s "$HOME/.config/tigervnc/passwd" ] || fail "set a password first: vncpasswd"
    vncserver -localhost yes ":$DISPLAY_NUMBER"
  elif command -v Xtigervnc >/dev/null; then
    [ -s "$HOME/.vnc/passwd" ] || fail "set a password first: vncpasswd"
    Xtigervnc ":$DISPLAY_NUMBER" -localhost yes -rfbport "$PORT" -rfbauth "$HOME/.vnc/passwd" \
      -SecurityTypes VncAuth >/dev/null 2>&1 &
    echo $! >"$PID_FILE"
  elif command -v x11vnc >/dev/null; then
    [ -s "$HOME/.vnc/passwd" ] || fail "set a password first: x11vnc -storepasswd"
    x11vnc -localhost -display "${DISPLAY:-:0}" -rfbport "$PORT" -rfbauth "$HOME/.vnc/passwd" -forever \
      -bg -o /dev/null
  else
    fail "no VNC server; install one: apt-get install tigervnc-standalone-server, or x11vnc"
  fi
}

check() {
  local tries=300 address
  while [ -z "$(addresses)" ]; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || fail "nothing listens on port $PORT"
    sleep 0.1
  done
  while read -r address; do
    case $address in
      127.*:* | '[::1]':*) ;;
      *)
        stop
        fail "it listened on $address, not on loopback alone: ended"
        ;;
    esac
  done < <(addresses)
}

PID_FILE=${XDG_RUNTIME_DIR:-/tmp}/aegis-vnc-$(id -u)-$DISPLAY_NUMBER.pid
case ${1-} in
  --stop) stop ;;
  --check) check && echo "loopback only" ;;
  '')
    start
    check
    printf 'VNC on 127.0.0.1:%s; from Termux: ssh -N -L %s:localhost:%s USER@HOST\n' "$PORT" "$PORT" "$PORT"
    ;;
  *) fail "usage: start.sh [--stop | --check]" ;;
esac
