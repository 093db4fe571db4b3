using System.Collections.Immutable;
using Aegis.Sandbox;
using Aegis.Server.Configuration;

namespace Aegis.Server.Rooms;

/// <summary>The package caches that sandboxes get read-only. What stands in npm's folder is described in
/// deploy/setup/npm-cache.sh.</summary>
internal static class PackageCaches
{
    private const string Npm = "/opt/aegis/npm";

    public static ImmutableArray<ReadOnlyMount> Mounts(ServerOptions options) =>
        options.NpmCache is { } folder ? [new ReadOnlyMount(folder, Npm)] : [];

    public static ImmutableSortedDictionary<string, string> Env(ServerOptions options) =>
        options.NpmCache is null
            ? ImmutableSortedDictionary<string, string>.Empty
            : ImmutableSortedDictionary<string, string>.Empty
                .Add("npm_config_userconfig", $"{Npm}/npmrc")
                .Add("NODE_OPTIONS", $"--require {Npm}/offline.cjs");
}
