using System.Collections.Immutable;
using Aegis.Sandbox.Egress;

namespace Aegis.Sandbox;

/// <summary>What a node's sandboxes share. Defaults are right for Debian 12 and Ubuntu 24.04.</summary>
public sealed record SandboxOptions
{
    /// <summary>The PATH inside.</summary>
    public string InsidePath { get; init; } = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>Host folders besides /usr that every sandbox sees read-only at the same place (such as
    /// /opt/node). None by default.</summary>
    public ImmutableArray<string> SystemFolders { get; init; } = [];

    /// <summary>The names of all walls.</summary>
    public static ImmutableArray<string> WallNames { get; } = [.. Kinds.WallMends.All];

    public UidWall Uid { get; init; } = UidWall.Best;

    /// <summary>Where host uids in use are noted; every server of the user must have the same.</summary>
    public string UidsFolder { get; init; } = UidFolder.OfUser();

    /// <summary>Walls that must be there although the table has them as "if asked", such as <c>memory</c>. A
    /// sandbox that asks for such a wall on a node without it is refused.</summary>
    public ImmutableSortedSet<string> RequiredWalls { get; init; } = [];

    /// <summary>Files and folders that /tmp may hold, 1,024 to 1,048,576.</summary>
    public int TmpInodesMax { get; init; } = 65_536;

    /// <summary>Delegated control group folders (memory and pids; the same one twice on version 2). Null
    /// looks for them; see docs/sandbox.md.</summary>
    public CgroupFolders? Cgroups { get; init; }

    /// <summary>For sandboxes whose spec has a proxy.</summary>
    public EgressOptions Egress { get; init; } = new();

    /// <summary>Whether commands of the kind namespace enter <see cref="AppArmorProfile"/>.</summary>
    public bool AppArmor { get; init; } = AppArmorProfile.IsThere();

    /// <summary>For sandboxes of the kind microvm.</summary>
    public MicrovmOptions Microvm { get; init; } = new();

    /// <summary>Where images that were added are; null where there are none.</summary>
    public string? ImagesFolder { get; init; }

    /// <summary>Ways into the server's room that are kept open in advance, 0 to 16; each is a waiting process
    /// of 6 MB.</summary>
    public int WarmEntries { get; init; } = 2;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Leaves one wall down, so that a test can show that the wall is what stops an act. Never read
    /// from a configuration.</summary>
    internal string? WithoutWallForTest { get; init; }
}

/// <summary>How the command's host uid differs from the server's.</summary>
public enum UidWall
{
    /// <summary>A uid of the subuid range where the machine has one, else <see cref="SingleUid"/>.</summary>
    Best,

    /// <summary>The server's own uid, alone in a user namespace and without capabilities.</summary>
    SingleUid,
}

/// <summary>Control group folders in which the server may make others.</summary>
/// <param name="Cpu">Null where that controller is not delegated.</param>
/// <param name="Io">The same for block devices.</param>
public sealed record CgroupFolders(string Memory, string Pids, string? Cpu = null, string? Io = null)
{
    /// <summary>Version 2: one folder.</summary>
    public static CgroupFolders Unified(string folder) => new(folder, folder, folder, folder);

    /// <summary>Version 1, as ./aegis delegates them.</summary>
    public static CgroupFolders Version1(string root) => new($"{root}/memory/aegis", $"{root}/pids/aegis",
        $"{root}/cpu/aegis", $"{root}/blkio/aegis");
}
