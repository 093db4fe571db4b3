using System.Collections.Immutable;

namespace Aegis.Core.Findings.Dependencies;

/// <summary>Where packages of a kind come from.</summary>
public enum Ecosystem
{
    Npm,
    PyPi,
    NuGet,
    Crates,
}

/// <summary>A package that a manifest asks for.</summary>
/// <param name="Asked">What is asked for: a version, a range, an address; empty for any.</param>
public sealed record Dependency(Ecosystem Ecosystem, string Name, string Asked, string File, int Line);

/// <summary>A package as a lock file pins it.</summary>
/// <param name="Address">Where it comes from; null where the lock does not say.</param>
/// <param name="Licence">As the lock says.</param>
public sealed record LockedPackage(Ecosystem Ecosystem, string Name, string Version, string? Address,
    bool HasHash, string? Licence, string File, int Line);

/// <summary>A setting that says where packages come from.</summary>
public sealed record RegistrySetting(Ecosystem Ecosystem, string Kind, string Value, string File, int Line);

/// <summary>What the files of a tree say of the packages it stands on.</summary>
/// <param name="Locks">The lock files that are there, read or not.</param>
/// <param name="Roots">By lock file, what its own first entry says that the manifest asks for.</param>
public sealed record DependencyTree(ImmutableArray<Dependency> Asked, ImmutableArray<LockedPackage> Locked,
    ImmutableArray<RegistrySetting> Settings, ImmutableArray<string> Locks,
    ImmutableDictionary<string, ImmutableDictionary<string, string>> Roots,
    ImmutableArray<(string File, string Why)> Unreadable);
