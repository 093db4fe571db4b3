# Called by root, hands control groups (memory, processes, processors, block devices) to the user aegis, so that a
# sandbox's whole tree has a limit. Without them (no root, a read-only /sys/fs/cgroup) each process is limited on
# its own, and the record of every call says so.
# shellcheck shell=bash

CGROUPS=/sys/fs/cgroup

# Sets CGROUP_JOIN: what stands before a command so that it starts inside the delegated tree.
delegate_cgroups() {
  # shellcheck disable=SC2034  # read by set_product_line
  CGROUP_JOIN=()
  [ "$EUID" -eq 0 ] || return 0
  if [ -e "$CGROUPS/cgroup.controllers" ]; then
    delegate_unified 2>/dev/null || return 0
    # moving into a sandbox's group takes rights on the nearest group above both: the server must start below it
    # shellcheck disable=SC2016,SC2034  # expanded by the inner shell; read by set_product_line
    CGROUP_JOIN=(sh -c 'echo 0 >"$0" 2>/dev/null; exec "$@"' "$CGROUPS/aegis/server/cgroup.procs")
  else
    local kind
    for kind in memory pids cpu blkio; do
      delegate_folder "$CGROUPS/$kind/aegis" 2>/dev/null || return 0
    done
  fi
}

delegate_folder() {
  [ -d "$(dirname "$1")" ] && mkdir -p "$1" && chown aegis:aegis "$1" "$1/cgroup.procs"
}

# Processors and block devices where the system has those controllers; memory and processes must be.
enable_controllers() { # folder
  echo "+memory +pids" >"$1/cgroup.subtree_control" || return 1
  echo "+cpu" >"$1/cgroup.subtree_control" 2>/dev/null || true
  echo "+io" >"$1/cgroup.subtree_control" 2>/dev/null || true
}

delegate_unified() {
  enable_controllers "$CGROUPS" || return 1
  delegate_folder "$CGROUPS/aegis" || return 1
  chown aegis:aegis "$CGROUPS/aegis/cgroup.subtree_control" || return 1
  delegate_folder "$CGROUPS/aegis/server" || return 1
  enable_controllers "$CGROUPS/aegis"
}
