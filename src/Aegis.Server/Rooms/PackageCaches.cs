using System.Collections.Immutable;
using Aegis.Sandbox;
using Aegis.Server.Configuration;
using Aegis.Tools.Deploy.Stacks;

namespace Aegis.Server.Rooms;

/// <summary>The package caches, scanners and programs that sandboxes get read-only. What stands in npm's
/// folder is described in deploy/setup/npm-cache.sh.</summary>
internal static class PackageCaches
{
    private const string Npm = "/opt/aegis/npm";
    private const string Nuget = "/opt/aegis/nuget";
    private const string Scanners = "/opt/aegis/scanners";

    public static ImmutableArray<ReadOnlyMount> Mounts(ServerOptions options)
    {
        var mounts = ImmutableArray.CreateBuilder<ReadOnlyMount>();
        if (options.NpmCache is { } npm)
        {
            mounts.Add(new ReadOnlyMount(npm, Npm));
        }
        if (options.NugetPackages is { } nuget)
        {
            mounts.Add(new ReadOnlyMount(nuget, Nuget));
        }
        if (options.Scanners is { } scanners)
        {
            mounts.Add(new ReadOnlyMount(scanners, Scanners));
        }
        if (options.StackPrograms is { } programs)
        {
            mounts.Add(new ReadOnlyMount(programs, StackTool.ProgramsFolder));
        }
        return mounts.ToImmutable();
    }

    public static ImmutableSortedDictionary<string, string> Env(ServerOptions options)
    {
        var env = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        if (options.NpmCache is not null)
        {
            env["npm_config_userconfig"] = $"{Npm}/npmrc";
            env["NODE_OPTIONS"] = $"--require {Npm}/offline.cjs";
        }
        if (options.NugetPackages is not null)
        {
            env["NUGET_PACKAGES"] = Nuget;
        }
        return env.ToImmutable();
    }
}
