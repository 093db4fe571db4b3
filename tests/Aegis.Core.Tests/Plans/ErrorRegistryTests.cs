using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Aegis.Core.Tests.Plans;

/// <summary>Every code that Plans, Expressions and Policy use is in the registry, and nothing else
/// is.</summary>
public sealed partial class ErrorRegistryTests
{
    [Fact]
    public void Registry_HoldsExactlyTheCodesInUse()
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Aegis.slnx")))
        {
            root = Path.GetDirectoryName(root.TrimEnd('/'))!;
        }
        var used = new[] { "Plans", "Expressions", "Policy", "Schedules" }
            .SelectMany(f => Directory.EnumerateFiles(Path.Combine(root, "src/Aegis.Core", f), "*.cs",
                SearchOption.AllDirectories))
            .SelectMany(f => Code().Matches(File.ReadAllText(f)).Select(m => m.Value))
            .Distinct().Order().ToList();
        using var reader = new StringReader(File.ReadAllText(Path.Combine(AppContext.BaseDirectory,
            "Plans/errors.yaml")));
        var yaml = new YamlStream();
        yaml.Load(reader);
        var entries = ((YamlSequenceNode)yaml.Documents[0].RootNode).Cast<YamlMappingNode>().ToList();
        Assert.Equal(used, entries.Select(e => e["code"].ToString()));
        Assert.All(entries, e => Assert.All(["title", "meaning", "mend", "http"], key => Assert.NotEqual("",
            e[key].ToString())));
    }

    [GeneratedRegex("AEGIS1[01][0-9]{2}")]
    private static partial Regex Code();
}
