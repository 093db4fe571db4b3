using System.Text.RegularExpressions;

namespace Aegis.Tidy.Tests;

/// <summary>The page of attacks names tests that exist, with cases that they have, and every try that is
/// written for all kinds of sandboxes.</summary>
public sealed class AttackPageTests
{
    private const string Page = "docs/attacks.md";
    private static readonly Regex Test = new(@"`(?<class>\w+Tests)\.(?<method>\w+)`");
    private static readonly Regex Case =
        new(@"`\w+Tests\.\w+` \((?:`` (?<case>.+?) ``|`(?<case>[^`]+)`)\) \|");

    private static readonly Regex WallTry =
        new(@"^        new\(""(?<name>[^""]+)"",", RegexOptions.Multiline);

    // data of theories that stands beside the class
    private static readonly string[] Data =
        ["tests/Aegis.Sandbox.Tests/Kinds/WallTry.cs", "tests/Aegis.Core.Tests/Policy/Corpus/bypasses.txt"];

    private static readonly string[] Rows = [.. SourceTree.Lines(Page).Where(l =>
        l.StartsWith("| ", StringComparison.Ordinal) && Test.IsMatch(l))];

    private static readonly Dictionary<string, string> Classes = SourceTree.In(".cs", "tests/")
        .SelectMany(f => Regex.Matches(SourceTree.Text(f),
            @"^public (?:sealed |abstract )(?:partial )?class (\w+Tests)\b", RegexOptions.Multiline)
            .Select(m => (Name: m.Groups[1].Value, Text: SourceTree.Text(f))))
        .GroupBy(c => c.Name).ToDictionary(g => g.Key, g => string.Concat(g.Select(c => c.Text)));

    [Fact]
    public void Attacks_AreAtLeastEighty_EachWithAControl()
    {
        Assert.True(Rows.Length >= 80, $"{Rows.Length} tries");
        Finding.None(Rows.Where(r => r.Split(" | ") is not [.., var control] || control.Length < 8)
            .Select(r => $"no control: {r}"));
    }

    [Fact]
    public void Tests_OnThePage_Exist() => Finding.None(Test.Matches(SourceTree.Text(Page))
        .Select(m => (Class: m.Groups["class"].Value, Method: m.Groups["method"].Value)).Distinct()
        .Where(t => !Classes.TryGetValue(t.Class, out var text)
            || !Regex.IsMatch(text, $@"public (async Task|Task|void) {t.Method}\("))
        .Select(t => $"{Page}: there is no {t.Class}.{t.Method}"));

    [Fact]
    public void Cases_OnThePage_AreTheirTests()
    {
        var data = string.Concat(Data.Select(SourceTree.Text));
        Finding.None(Rows.Select(r => (Class: Test.Match(r).Groups["class"].Value, Case: Case.Match(r)))
            .Where(r => r.Case.Success)
            .Select(r => (r.Class, Text: r.Case.Groups["case"].Value.Replace('⏎', '\n').Replace(@"\|", "|")))
            .Where(r => !(Classes[r.Class] + data).Contains(r.Text, StringComparison.Ordinal))
            .Select(r => $"{Page}: {r.Class} has no case {r.Text}"));
    }

    [Fact]
    public void Tries_OfAllKinds_AreOnThePage() => Finding.None(WallTry.Matches(SourceTree.Text(Data[0]))
        .Select(m => m.Groups["name"].Value)
        .Where(name => !Rows.Any(r => r.StartsWith($"| {name} |", StringComparison.Ordinal)))
        .Select(name => $"{Page}: the try '{name}' is not there"));
}
