# The Debian packages that the product and its tests need, each recognised by what it brings, so that a machine
# that has them from elsewhere is left alone.
# shellcheck shell=bash

POSTGRES_MIN=15

postgres_there() {
  local program version
  for program in /usr/lib/postgresql/*/bin/postgres "$(command -v postgres || true)"; do
    [ -x "$program" ] || continue
    version=$("$program" --version | grep -oE '[0-9]+' | head -1)
    [ "${version:-0}" -lt "$POSTGRES_MIN" ] || return 0
  done
  return 1
}

library_there() { compgen -G "/usr/lib/*/$1" >/dev/null || compgen -G "/lib/*/$1" >/dev/null; }

missing_packages() {
  command -v git >/dev/null || echo git
  postgres_there || echo postgresql
  command -v psql >/dev/null || echo postgresql-client
  command -v bwrap >/dev/null || echo bubblewrap
  command -v newuidmap >/dev/null || echo uidmap
  library_there libseccomp.so.2 || echo libseccomp2
  library_there libargon2.so.1 || echo libargon2-1
  [ -x /usr/bin/eslint ] || echo eslint
  [ -x /usr/bin/bandit ] || echo bandit
  [ -x /usr/bin/shellcheck ] || echo shellcheck
  [ -x /usr/bin/ctags-universal ] || echo universal-ctags
  /usr/bin/python3 -c 'import pytest' 2>/dev/null || echo python3-pytest
}

# What only the longer tests need. On a bare machine, beside what missing_packages names: 595 MB to fetch and
# 2.2 GB on the disk, 177 MB and 0.6 GB of it for chromium (124 MB of that took 42 s).
missing_test_packages() {
  local plugins=/usr/share/maven-repo/org/apache/maven/plugins
  [ -x /usr/bin/strace ] || echo strace
  [ -x /usr/bin/curl ] || echo curl
  compgen -G "/usr/share/python-wheels/pip-*.whl" >/dev/null || echo python3-pip-whl
  [ -x /usr/bin/go ] || echo golang-go
  [ -x /usr/bin/cargo ] || echo cargo
  [ -x /usr/bin/tsc ] || echo node-typescript
  [ -x /usr/bin/javac ] || echo default-jdk-headless
  [ -x /usr/bin/mvn ] || echo maven
  [ -d "$plugins/maven-surefire-plugin" ] || echo libsurefire-java
  [ -d "$plugins/maven-compiler-plugin" ] || echo libmaven-compiler-plugin-java
  [ -d "$plugins/maven-resources-plugin" ] || echo libmaven-resources-plugin-java
  [ -d /usr/share/maven-repo/junit/junit/4.x ] || echo junit4
  [ -x /usr/bin/chromium ] || echo chromium
  [ -x /usr/bin/zsh ] || echo zsh
  [ -x /usr/bin/fish ] || echo fish
  # shellcheck source=deploy/setup/microvm.sh
  . "$SETUP/microvm.sh"
  microvm_packages
  [ -x /usr/sbin/runc ] || echo runc
}

# Debian starts a cluster of its own with a fresh server package; the product brings its own and wants none.
shut_default_cluster() { # prefix
  local folder=/etc/postgresql-common/createcluster.d
  [ -e "$folder/aegis.conf" ] && return
  "$@" mkdir -p "$folder"
  echo 'create_main_cluster = false' | "$@" tee "$folder/aegis.conf" >/dev/null
}

# PACKAGE_LISTS: the functions that name what is missing
each_list() { local list; for list in ${PACKAGE_LISTS:-missing_packages}; do "$list"; done; }

install_packages() {
  check_tools
  local -a missing become=()
  mapfile -t missing < <(each_list)
  if [ ${#missing[@]} -gt 0 ]; then
    if [ "$EUID" -ne 0 ]; then
      if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
        say "These packages are missing: ${missing[*]}. Install them with this line and call again:"
        say ""
        say "  sudo sh -c '$(cluster_line "${missing[@]}")apt-get update && apt-get install -y --no-install-recommends ${missing[*]}'"
        say ""
        exit 69
      fi
      become=(sudo -n)
    fi
    command -v apt-get >/dev/null || fail "this system has no apt-get; install: ${missing[*]}"
    say "set-up: installing ${missing[*]}"
    case " ${missing[*]} " in *" postgresql "*) shut_default_cluster "${become[@]}" ;; esac
    apt_install "${missing[@]}"
    mapfile -t missing < <(each_list)
    [ ${#missing[@]} -eq 0 ] || fail "still missing after the installation: ${missing[*]}"
  fi
  # shellcheck source=/dev/null
  . "$SETUP/apparmor.sh"
  allow_namespaces
}

cluster_line() {
  case " $* " in *" postgresql "*)
    printf 'mkdir -p /etc/postgresql-common/createcluster.d && echo create_main_cluster = false > '
    printf '/etc/postgresql-common/createcluster.d/aegis.conf && ' ;;
  esac
}

apt_install() {
  local log=$STATE/apt.log
  local -a line=("${become[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300)
  "${line[@]}" install -y --no-install-recommends "$@" >"$log" 2>&1 9>&- && return
  if ! { "${line[@]}" update && "${line[@]}" install -y --no-install-recommends "$@"; } >"$log" 2>&1 9>&-; then
    tail -20 "$log" >&2
    fail "apt-get could not install: $*"
  fi
}

check_tools() {
  find_dotnet
  local version
  version=$(node --version 2>/dev/null | grep -oE '[0-9]+' | head -1) || true
  [ "${version:-0}" -ge 20 ] || fail "Node 20 or newer is needed; got: $(node --version 2>/dev/null || echo none)"
  command -v npm >/dev/null || fail "npm is needed; it comes with Node 20"
  case $(readlink -f "$(command -v node)") in
    /usr/*) ;;
    *) fail "Node must stand below /usr, which sandboxes see; got: $(readlink -f "$(command -v node)")" ;;
  esac
}
