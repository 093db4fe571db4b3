# Who runs the product: the person who calls, or, called by root, the system user aegis.
# shellcheck shell=bash

if [ "$EUID" -eq 0 ]; then
  PRODUCT_USER=aegis
  PRODUCT_USER_HOME=/var/lib/aegis
  PRODUCT_HOME=${AEGIS_HOME:-/var/lib/aegis}
else
  PRODUCT_USER=$(id -un)
  PRODUCT_USER_HOME=$HOME
  PRODUCT_HOME=${AEGIS_HOME:-$HOME/.local/share/aegis}
fi

# As root: makes the user, its subordinate ids (a sandbox's own host uid comes from them) and its data folder.
ensure_product_user() {
  if [ "$EUID" -ne 0 ]; then
    grep -q "^$PRODUCT_USER:" /etc/subuid 2>/dev/null ||
      say "note: $PRODUCT_USER has no range in /etc/subuid; sandboxes use a single-uid namespace instead"
    return 0
  fi
  if ! getent passwd aegis >/dev/null; then
    say "set-up: adding the system user aegis (home $PRODUCT_USER_HOME)"
    useradd --system --user-group --home-dir "$PRODUCT_USER_HOME" --create-home --shell /usr/sbin/nologin aegis
  fi
  local kind file start
  for kind in uid gid; do
    file=/etc/sub$kind
    touch "$file"
    if ! grep -q '^aegis:' "$file"; then
      start=$(awk -F: 'BEGIN { e = 200000 } $2 + $3 > e { e = $2 + $3 } END { print e }' "$file")
      usermod "--add-sub${kind}s" "$start-$((start + 65535))" aegis
    fi
  done
  install -d -o aegis -g aegis -m 755 "$PRODUCT_USER_HOME"
  [ -d "$PRODUCT_HOME" ] || install -d -o aegis -g aegis -m 700 "$PRODUCT_HOME"
}

# Sets PRODUCT_LINE to what stands before a command so that it runs as that user with a clean environment: only
# what is named here, AEGIS_*, CHISPART_* and the variables that the documents name.
set_product_line() {
  local name
  # shellcheck source=/dev/null
  . "$SETUP/cgroups.sh"
  delegate_cgroups
  PRODUCT_LINE=("${CGROUP_JOIN[@]}")
  if [ "$EUID" -eq 0 ]; then
    PRODUCT_LINE+=(setpriv --reuid aegis --regid aegis --init-groups "--inh-caps=-all")
  fi
  PRODUCT_LINE+=(env -i "HOME=$PRODUCT_USER_HOME" "USER=$PRODUCT_USER" "LOGNAME=$PRODUCT_USER" LANG=C.UTF-8
    "PATH=$(dirname "$DOTNET"):/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    "DOTNET_ROOT=$(dirname "$DOTNET")" DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1)
  for name in TERM COLUMNS NO_COLOR CI POSTGRES_URL S3_ENDPOINT S3_ACCESS_KEY S3_SECRET_KEY S3_BUCKET \
    GITHUB_TOKEN BLACKBOX_API_KEY "${!AEGIS_@}" "${!CHISPART_@}"; do
    [ -z "${!name-}" ] || PRODUCT_LINE+=("$name=${!name}")
  done
  PRODUCT_LINE+=("AEGIS_HOME=$PRODUCT_HOME")
}
