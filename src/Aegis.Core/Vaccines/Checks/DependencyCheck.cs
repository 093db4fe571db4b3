using System.Collections.Immutable;
using Aegis.Core.Dependencies;
using Aegis.Core.Errors;

namespace Aegis.Core.Vaccines.Checks;

/// <summary>A package that must not come in: by a manifest that is written, or by a command that installs
/// it.</summary>
public sealed record DependencyCheck : VaccineCheck
{
    private readonly VersionInterval range;

    private DependencyCheck(string ecosystem, string name, string? versions, VersionInterval range) =>
        (Ecosystem, Name, Range, this.range) = (ecosystem, name, versions, range);

    public string Ecosystem { get; }

    public string Name { get; }

    /// <summary>Versions that are meant; null for all.</summary>
    public string? Range { get; }

    public override bool ReadsFiles => true;

    public override bool ReadsCommands => true;

    public static (DependencyCheck? Check, AegisError? Error) Read(
        string ecosystem, string name, string? range)
    {
        if (!PackageName.Ecosystems.Contains(ecosystem))
        {
            return (null, VaccineErrors.BadCheck("its ecosystem is not known",
                string.Join(", ", PackageName.Ecosystems), ecosystem));
        }
        if (!PackageName.IsValid(name))
        {
            return (null, VaccineErrors.BadCheck("its name is no name of a package",
                $"1 to {PackageName.LengthMax} characters without spaces", name));
        }
        var read = range is null ? VersionInterval.All : VersionInterval.Read(range, PackageName.Any);
        return read is { } interval
            ? (new DependencyCheck(ecosystem, PackageName.Plain(ecosystem, name), range, interval), null)
            : (null, VaccineErrors.BadCheck("its range cannot be read", "such as >=3.3.6 <3.3.7", range));
    }

    public override bool Covers(string path, string? language) =>
        ManifestReader.EcosystemOf(path) == Ecosystem;

    public override CheckHit? Find(ReadFile file) =>
        file.Dependencies.FirstOrDefault(d => Means(d) && !file.DependenciesBefore.Any(b =>
            Means(b) && b.Version == d.Version)) is { } named
            ? file.HitAt(named.Offset, named.Shown.Length) : null;

    public override CheckHit? Find(ReadCommand command)
    {
        foreach (var run in command.Commands)
        {
            if (InstallCommand.Read(run).FirstOrDefault(Means) is { } named)
            {
                return new CheckHit(1, named.Offset, named.Shown);
            }
        }
        return null;
    }

    public bool Equals(DependencyCheck? other) => other is not null
        && (Ecosystem, Name, Range) == (other.Ecosystem, other.Name, other.Range);

    public override int GetHashCode() => HashCode.Combine(Ecosystem, Name, Range);

    public override string ToString() =>
        $"dependency {Name} of {Ecosystem}" + (Range is null ? "" : $" {Range}");

    // a version that cannot be read may be any
    private bool Means(NamedDependency d) => d.Ecosystem == Ecosystem && d.Name == Name
        && (d.Version is null || VersionInterval.Read(d.Version, Ecosystem) is not { } wanted
            || wanted.Meets(range));
}
