# The microvm: its packages, Debian's cloud kernel (fetched and unpacked, never installed: the host's own boot is not
# touched), and the folder that the server's program makes of them.
# shellcheck shell=bash

microvm_packages() {
  [ -x /usr/bin/qemu-system-x86_64 ] || echo qemu-system-x86
  [ -x /usr/bin/mksquashfs ] || echo squashfs-tools
  [ -x /usr/sbin/mke2fs ] || echo e2fsprogs
  file_is_static /bin/busybox || echo busybox-static
}

file_is_static() { [ -x "$1" ] && ! LC_ALL=C ldd "$1" >/dev/null 2>&1; } # program

# Sets KERNEL_ROOT to a folder with boot/vmlinuz-* and lib/modules/*.
ensure_kernel() {
  KERNEL_ROOT=$PRODUCT_USER_HOME/kernel
  compgen -G "$KERNEL_ROOT/boot/vmlinuz-*" >/dev/null || with_lock kernel fetch_kernel
}

fetch_kernel() {
  local folder package
  folder=$("${PRODUCT_LINE[@]}" mktemp -d)
  package=$(LC_ALL=C apt-cache depends linux-image-cloud-amd64 2>/dev/null | awk '/Depends: linux-image/ { print $2; exit }')
  [ -n "$package" ] || fail "the package linux-image-cloud-amd64 is not known here; call apt-get update first"
  say "set-up: fetching $package (27 MB) for microvms"
  (cd "$folder" && "${PRODUCT_LINE[@]}" apt-get download -q "$package" >/dev/null 2>&1) ||
    fail "could not fetch $package"
  # shellcheck disable=SC2016  # expanded by the inner shell
  "${PRODUCT_LINE[@]}" sh -c 'dpkg-deb -x "$1"/*.deb "$1/unpacked" && mkdir -p "$2" &&
    mv "$1/unpacked/boot" "$1/unpacked/lib" "$2/" && rm -rf "$1"' sh "$folder" "$KERNEL_ROOT"
}

run_sandbox() {
  # what the running server has is the server's to say: the CLI asks it
  if [ "${1-} ${2-}" = "doctor --server" ]; then
    find_dotnet
    choose_tree
    cli sandbox doctor "${@:3}"
    return
  fi
  # shellcheck disable=SC2034  # packages.sh reads it
  [ "${1-}" != prepare ] || PACKAGE_LISTS="missing_packages microvm_packages"
  prepare
  choose_tree
  build_product
  set_product_line
  local -a words=("$@")
  # the server's program starts in its own folder: a layout's is the caller's
  if [ "${1-} ${2-}" = "image add" ] && [ $# -eq 4 ]; then words=(image add "$3" "$(realpath -m "$4")"); fi
  if [ "${1-}" = prepare ]; then
    ensure_kernel
    words=(prepare "$KERNEL_ROOT" "${@:2}")
  fi
  exec "${PRODUCT_LINE[@]}" "$DOTNET" "$TREE/src/Aegis.Server/bin/Release/net10.0/Aegis.Server.dll" sandbox \
    "${words[@]}"
}
