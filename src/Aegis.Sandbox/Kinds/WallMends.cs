namespace Aegis.Sandbox.Kinds;

/// <summary>For each wall the mechanism that is wanted, and what brings it where it is absent.</summary>
internal static class WallMends
{
    /// <summary>Walls that no command goes without, whatever it asks for.</summary>
    public static readonly string[] Always = ["uid", "files", "processes", "syscalls", "network", "pids",
        "cpu"];

    public static readonly string[] All = [.. Always, "memory", "disk", "workspace", "apparmor", "io"];

    private const string Groups = "As root, delegate control groups to the server's user: ./aegis up does "
        + "it; see docs/sandbox.md, 'Control groups'";

    public static (string Wanted, string Mend) Of(string wall) => wall switch
    {
        "uid" => ("a host uid of its own, from the server's subuid range",
            "As root: apt-get install uidmap; usermod --add-subuids 200000-265535 --add-subgids "
            + "200000-265535 USER"),
        "memory" => ("a delegated control group, or a microvm", Groups),
        "pids" or "cpu" => ("a limit of the user namespace, or a delegated control group", Groups),
        "io" => ("a delegated control group of block devices", Groups),
        "disk" => ("a sized file system with a number of inodes", "Ask for a limit of /tmp"),
        "workspace" => ("a limit of the workspace",
            "Set the limit of the workspace, or name the kind microvm"),
        "apparmor" => ("the profile aegis-command, loaded",
            "As root, on a system with AppArmor: ./aegis sandbox apparmor > /etc/apparmor.d/aegis-command; "
            + "apparmor_parser -r /etc/apparmor.d/aegis-command"),
        _ => ("found when a sandbox is entered", "See docs/sandbox.md, 'When it does not start'"),
    };
}
