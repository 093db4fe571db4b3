namespace Aegis.Sandbox;

/// <summary>An AppArmor profile for commands of the kind namespace: one more wall where the host has
/// AppArmor, under what bubblewrap and the filter of system calls hold already. The command's first program
/// enters it after bubblewrap is done (bubblewrap itself mounts).</summary>
public static class AppArmorProfile
{
    public const string Name = "aegis-command";
    public const string File = "/etc/apparmor.d/" + Name;

    /// <summary>What stands in <see cref="File"/>; <c>./aegis sandbox apparmor</c> prints it.</summary>
    public const string Text = """
        abi <abi/3.0>,
        include <tunables/global>

        profile aegis-command flags=(attach_disconnected) {
          # files: what is mounted, the mounts' own rights decide; but never the kernel's switches
          file,
          deny /proc/sys/** w,
          deny /proc/sysrq-trigger rw,
          deny /proc/kcore rw,
          deny /sys/** w,
          deny /dev/mem rw,
          deny /dev/kmem rw,
          deny /dev/kvm rw,

          # its own processes only
          signal peer=aegis-command,
          signal receive peer=unconfined,
          ptrace peer=aegis-command,
          deny ptrace (trace, tracedby) peer=unconfined,
          unix,

          network inet stream,
          network inet dgram,
          network inet6 stream,
          network inet6 dgram,
          network unix,
          network netlink raw,
          deny network packet,
          deny network vsock,
          deny network bluetooth,

          deny capability,
          deny mount,
          deny umount,
          deny pivot_root,
          deny userns,
        }

        """;

    /// <summary>Whether this host has AppArmor and the profile: it is loaded with the host's
    /// others.</summary>
    public static bool IsThere() =>
        System.IO.File.Exists("/sys/module/apparmor/parameters/enabled")
        && System.IO.File.ReadAllText("/sys/module/apparmor/parameters/enabled").StartsWith('Y')
        && System.IO.File.Exists(File);
}
