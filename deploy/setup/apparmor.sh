# Ubuntu 24.04 gives a namespace made by an ordinary program no rights; a profile for each program that enters
# one lifts that for the program alone.
# shellcheck shell=bash

profile_text() { # program
  cat <<TEXT
abi <abi/4.0>,
include <tunables/global>

profile aegis-$(basename "$1") $1 flags=(unconfined) {
  userns,
}
TEXT
}

allow_namespaces() {
  local switch=/proc/sys/kernel/apparmor_restrict_unprivileged_userns program file
  [ -r "$switch" ] && [ "$(cat "$switch")" = 1 ] || return 0
  for program in /usr/bin/bwrap /usr/bin/unshare; do
    file=/etc/apparmor.d/aegis-$(basename "$program")
    # Debian's and Ubuntu's own profile of the same program serves as well
    if [ -e "$file" ] || grep -qsE "^profile .* $program .*unconfined" /etc/apparmor.d/*; then
      continue
    fi
    if [ "$EUID" -eq 0 ] || sudo -n true 2>/dev/null; then
      say "set-up: adding an AppArmor profile for $program"
      local -a become=()
      [ "$EUID" -eq 0 ] || become=(sudo -n)
      profile_text "$program" | "${become[@]}" tee "$file" >/dev/null
      "${become[@]}" apparmor_parser -r "$file"
    else
      say "AppArmor stops sandboxes here. As root, write this to $file and call apparmor_parser -r $file:"
      profile_text "$program" >&2
      exit 69
    fi
  done
}
