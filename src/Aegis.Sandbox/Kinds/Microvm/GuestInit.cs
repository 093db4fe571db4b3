using System.Security.Cryptography;
using System.Text;

namespace Aegis.Sandbox.Kinds.Microvm;

/// <summary>The guest's first program, a script for a static busybox: it lays the read-only system, /work
/// and /tmp, runs the one command as uid 1000 without privileges, and says on a port how it ended. What the
/// command changed goes back as an archive with a list of what it removed.
/// <para>Disks and ports are known by the names and numbers that QEMU gives them: the kernel's own order is
/// not fixed.</para></summary>
internal static class GuestInit
{
    /// <summary>Modules in the order in which they need each other; one that a kernel has built in is left
    /// out.</summary>
    public static readonly string[] Modules =
    [
        "virtio_ring", "virtio", "virtio_mmio", "virtio_blk", "virtio_console", "squashfs", "overlay",
    ];

    public static string Script { get; } = """
        #!/bin/busybox sh
        b=/bin/busybox
        $b mount -t proc -o nosuid,nodev,noexec proc /proc
        $b mount -t sysfs -o nosuid,nodev,noexec sys /sys
        $b mount -t devtmpfs -o nosuid,noexec dev /dev
        for m in virtio_ring virtio virtio_mmio virtio_blk virtio_console squashfs overlay; do
          [ ! -e /m/$m.ko ] || $b insmod /m/$m.ko
        done
        for d in /sys/block/vd*; do
          read -r name < $d/serial
          eval "disk_$name=/dev/${d##*/}"
        done
        for p in /dev/vport*; do eval "port_${p##*p}=$p"; done
        end() { $b reboot -f; }
        fail() { echo "$1" >$port_3; end; }
        . $disk_request
        if [ -n "$card" ]; then
          for m in CARD; do
            [ ! -e /m/$m.ko ] || $b insmod /m/$m.ko
          done
          $b ip addr add $card dev eth0 && $b ip link set eth0 up || fail "no network card"
        fi

        $b mount -t squashfs -o ro,nodev $disk_system /s || fail "no system"
        $b mount -t tmpfs -o size=4m,nr_inodes=4096,mode=755 tmpfs /r
        $b mkdir /r/u /r/w /r/root
        $b mount -t overlay -o nodev,lowerdir=/s,upperdir=/r/u,workdir=/r/w root /r/root || fail "no root"
        cd /r/root
        $b mkdir -p proc dev tmp work app run root var etc
        [ -e app/workplace ] || $b ln -s /work app/workplace
        $b rm -rf var/tmp && $b ln -s /tmp var/tmp
        $b grep -qs '^[^:]*:[^:]*:1000:' etc/passwd ||
          echo 'aegis:x:1000:1000:aegis:/tmp/home:/bin/sh' >>etc/passwd
        $b grep -qs '^[^:]*:[^:]*:1000:' etc/group || echo 'aegis:x:1000:' >>etc/group
        [ -e etc/hosts ] || echo '127.0.0.1 localhost' >etc/hosts
        : >run/busybox && $b mount --bind /bin/busybox run/busybox
        [ -z "$disk_trust" ] || $b tr -d '\0' <$disk_trust >run/egress-ca.pem || fail "no certificates"
        make_point() { $b mkdir -p "/r/root$2"; }
        each_mount make_point
        $b mount -o remount,ro,nosuid,nodev /r/root

        $b mount -t proc -o nosuid,nodev,noexec,hidepid=2 proc proc
        $b mount -t tmpfs -o size=64k,nr_inodes=64,mode=755,nosuid,noexec dev dev
        for n in 'null 1 3' 'zero 1 5' 'full 1 7' 'random 1 8' 'urandom 1 9' 'tty 5 0'; do
          eval "$b mknod -m 666 dev/${n%% *} c ${n#* }"
        done
        $b mkdir dev/pts dev/shm
        $b mount -t devpts -o nosuid,noexec,newinstance,ptmxmode=666 devpts dev/pts
        $b ln -s pts/ptmx dev/ptmx; $b ln -s /proc/self/fd dev/fd
        $b ln -s fd/0 dev/stdin; $b ln -s fd/1 dev/stdout; $b ln -s fd/2 dev/stderr
        $b mount -t tmpfs -o "size=$tmp,nr_inodes=$inodes,mode=1777,nosuid,nodev" tmp tmp
        $b mkdir tmp/home && $b chown 1000:1000 tmp/home
        $b mount --bind tmp dev/shm
        $b mount -o remount,ro,nosuid,noexec dev
        $b mount -t ext4 -o nosuid,nodev,noatime $disk_disk /d || fail "no disk"
        $b rm -rf /d/lost+found
        $b mkdir /d/u /d/w && $b chown 1000:1000 /d/u
        if [ -n "$disk_work" ]; then
          $b mount -t squashfs -o ro,nosuid,nodev $disk_work /l || fail "no workspace"
          $b mount -t overlay -o nosuid,nodev,lowerdir=/l,upperdir=/d/u,workdir=/d/w work work ||
            fail "no workspace"
        else
          $b mount --bind /d/u work
        fi
        if [ -n "$disk_mounts" ]; then
          $b mount -t squashfs -o ro,nosuid,nodev $disk_mounts /x || fail "no mounts"
          bind_point() { $b mount --bind "/x/$1" "/r/root$2"; }
          each_mount bind_point
        fi
        $b hostname aegis
        $b ip link set lo up
        cd /proc/sys
        for s in user/max_user_namespaces=0 kernel/unprivileged_bpf_disabled=2 kernel/dmesg_restrict=1 \
          kernel/kptr_restrict=2 kernel/perf_event_paranoid=3 vm/unprivileged_userfaultfd=0 \
          kernel/modules_disabled=1 kernel/kexec_load_disabled=1; do
          [ ! -e "${s%=*}" ] || echo "${s#*=}" >"${s%=*}"
        done
        cd /

        run='RUN'
        (
          ulimit -c 0
          ulimit -S -t $cpu; ulimit -H -t $((cpu + 5))
          ulimit -u $processes
          ulimit -f $file
          variables
          exec $b chroot /r/root /run/busybox setpriv --nnp /run/busybox start-stop-daemon -S -q -p /none \
            -c 1000:1000 -x /run/busybox -a sh -- -c "$run" sh "$@" <$port_1 >$port_2 2>$port_3
        )
        code=$?
        $b kill -9 -1 2>/dev/null
        wait
        if [ "$back" = 1 ]; then
          gone='for d; do
            for e in "/l/$d"/* "/l/$d"/.[!.]* "/l/$d"/..?*; do
              [ -e "$e" ] || [ -L "$e" ] || continue
              n=${e##*/}
              [ -e "/r/root/work/$d/$n" ] || [ -L "/r/root/work/$d/$n" ] || printf "%s\0" "$d/$n"
            done
          done'
          : >/d/removed
          if [ -n "$disk_work" ]; then
            cd /d/u && $b find . -type d -exec $b sh -c "$gone" sh {} + >/d/removed || fail "files stay"
            cd / && $b umount /r/root/work || fail "files stay"
            $b find /d/u -type c -exec $b rm -f {} +
          fi
          $b find /d/u '(' -type s -o -type p ')' -exec $b rm -f {} +
          $b tar -C /d -cf $port_5 removed u || fail "files stay"
        fi
        echo "{\"exit-code\": $code}" >$port_4
        end

        """.Replace("RUN", InsideShell.Find + "exec \"$program\" \"$@\"", StringComparison.Ordinal)
        .Replace("CARD", string.Join(' ', GuestCard.Modules), StringComparison.Ordinal);

    /// <summary>Changes whenever the script does: an initrd of another one is made anew.</summary>
    public static string Hash { get; } = Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(Script)))[..16];
}
