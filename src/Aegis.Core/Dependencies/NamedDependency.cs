namespace Aegis.Core.Dependencies;

/// <summary>A package that a manifest or a command line names.</summary>
/// <param name="Name">In its ecosystem's plain form, see <see cref="PackageName.Plain"/>.</param>
/// <param name="Version">As written; null where nothing is said.</param>
/// <param name="Offset">Where the name stands: in the manifest's text from 0, on a command line its column
/// from 1.</param>
/// <param name="Shown">What stands there.</param>
public sealed record NamedDependency(string Ecosystem, string Name, string? Version, int Offset,
    string Shown)
{
    /// <summary>The name as it is written.</summary>
    public string Written { get; init; } = Name;

    /// <summary>Where else than from a registry it comes: <c>git+</c> or <c>file:</c> and an address, or an
    /// address alone; null for the registry.</summary>
    public string? Source { get; init; }

    /// <summary>A version, a range or an address, as written; empty for any.</summary>
    public string Asked => Source ?? Version ?? "";
}
