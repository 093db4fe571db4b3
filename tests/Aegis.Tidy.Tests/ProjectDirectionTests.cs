using System.Xml.Linq;

namespace Aegis.Tidy.Tests;

/// <summary>Dependencies run one way (ARCHITECTURE.md): a room knows only rooms of a lower floor.</summary>
public sealed class ProjectDirectionTests
{
    private static readonly Dictionary<string, int> Floors = new()
    {
        ["Aegis.Core"] = 0,
        ["Aegis.Processes"] = 0,
        ["Aegis.Blobs"] = 0,
        ["Aegis.Files"] = 1,
        ["Aegis.Ledger"] = 1,
        ["Aegis.Sandbox"] = 1,
        ["Aegis.Models"] = 1,
        ["Aegis.Discovery"] = 1,
        ["Aegis.Gate"] = 2,
        ["Aegis.Tools"] = 3,
        ["Aegis.Agents"] = 3,
        ["Aegis.Engine"] = 4,
        ["Aegis.Server"] = 5,
    };

    // the terminal is a client: it reaches the server through the SDK and shares only what needs no server
    private static readonly string[] OfTheCli =
        ["Aegis.Core", "Aegis.Discovery", "Aegis.Files", "Aegis.Processes", "Aegis.Client"];

    private static readonly Dictionary<string, string[]> OwnersOfPackages = new()
    {
        ["Npgsql"] = ["Aegis.Ledger"],
        ["OpenAI"] = ["Aegis.Models"],
        ["System.CommandLine"] = ["Aegis.Cli"],
        ["Spectre.Console"] = ["Aegis.Cli"],
        ["YamlDotNet"] = ["Aegis.Core", "Aegis.Tidy.Tests"],
    };

    [Fact]
    public void References_BetweenRooms_GoDownOnly()
    {
        var findings = new List<string>();
        foreach (var project in SourceTree.In(".csproj", "src/"))
        {
            var name = Path.GetFileNameWithoutExtension(project);
            var references = References(project, "ProjectReference").Select(Path.GetFileNameWithoutExtension);
            findings.AddRange(name == "Aegis.Cli"
                ? references.Except(OfTheCli!).Select(r => $"{name} knows {r}")
                : !Floors.TryGetValue(name, out var floor)
                ? [$"{name} has no floor: add it here and in ARCHITECTURE.md"]
                : references.Where(r => Floors.GetValueOrDefault(r!, int.MaxValue) >= floor)
                    .Select(r => $"{name} (floor {floor}) knows {r}"));
        }
        Finding.None(findings);
    }

    [Fact]
    public void References_OfTheSdk_AreNone() =>
        Finding.None(SourceTree.In(".csproj", "sdk/").SelectMany(p => References(p, "ProjectReference")));

    [Fact]
    public void Packages_WithAnOwner_AreReferencedByItAlone() =>
        Finding.None(
            from project in SourceTree.In(".csproj", "src/", "sdk/", "tests/", "bench/")
            let name = Path.GetFileNameWithoutExtension(project)
            from package in References(project, "PackageReference")
            where OwnersOfPackages.TryGetValue(package, out var owners) && !owners.Contains(name)
                && !name.EndsWith(".Tests", StringComparison.Ordinal)
            select $"{name} references {package}");

    [Fact]
    public void Versions_StandInOnePlace() =>
        Finding.None(
            from project in SourceTree.In(".csproj", "src/", "sdk/", "tests/", "bench/")
            from reference in XDocument.Parse(SourceTree.Text(project)).Descendants("PackageReference")
            where reference.Attribute("Version") is not null
            select $"{project}: {reference}");

    [Fact]
    public void Projects_OnDisk_AreInTheSolution()
    {
        var listed = XDocument.Parse(SourceTree.Text("Aegis.slnx")).Descendants("Project")
            .Select(p => p.Attribute("Path")!.Value).Order(StringComparer.Ordinal);
        Assert.Equal(SourceTree.In(".csproj", "src/", "sdk/", "tests/", "bench/"), listed);
    }

    private static IEnumerable<string> References(string project, string kind) =>
        XDocument.Parse(SourceTree.Text(project)).Descendants(kind)
            .Select(r => r.Attribute("Include")!.Value.Replace("$(Root)", "", StringComparison.Ordinal));
}
