using System.Xml.Linq;

namespace Aegis.Tidy.Tests;

/// <summary>docs/dependencies.md has a row, with version, licence and reason, for each package that is
/// pinned.
/// </summary>
public sealed class DependencyPageTests
{
    [Fact]
    public void Pins_AreTheRowsOfThePage()
    {
        var pins = XDocument.Parse(SourceTree.Text("Directory.Packages.props")).Descendants("PackageVersion")
            .Select(p => $"{p.Attribute("Include")!.Value} {p.Attribute("Version")!.Value}");
        var rows = SourceTree.Lines("docs/dependencies.md")
            .SkipWhile(line => line != "## NuGet").Skip(1).TakeWhile(line => !line.StartsWith("## "))
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1)
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Select(cells => $"{cells[1]} {(cells[3].Length > 0 && cells[4].Length > 0 ? cells[2] : "?")}");
        Assert.Equal(pins, rows);
    }
}
