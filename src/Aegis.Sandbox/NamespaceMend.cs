namespace Aegis.Sandbox;

/// <summary>Why a machine refuses user namespaces, and the line that mends it.</summary>
internal static class NamespaceMend
{
    public static string ForThisMachine()
    {
        if (Setting("kernel/apparmor_restrict_unprivileged_userns") == "1")
        {
            return "AppArmor restricts user namespaces on this system. As root, write "
                + "/etc/apparmor.d/aegis-sandbox with the two profiles that docs/sandbox.md "
                + "shows (bwrap and unshare with 'userns,'), then "
                + "run: apparmor_parser -r /etc/apparmor.d/aegis-sandbox";
        }
        if (Setting("kernel/unprivileged_userns_clone") == "0")
        {
            return "As root, run: sysctl -w kernel.unprivileged_userns_clone=1";
        }
        return Setting("user/max_user_namespaces") == "0"
            ? "As root, run: sysctl -w user.max_user_namespaces=15000"
            : "In a container, allow the system calls unshare, mount and clone with CLONE_NEWUSER, and an "
                + "unmasked /proc; see docs/sandbox.md";
    }

    private static string? Setting(string name)
    {
        var path = "/proc/sys/" + name;
        return File.Exists(path) ? File.ReadAllText(path).Trim() : null;
    }
}
