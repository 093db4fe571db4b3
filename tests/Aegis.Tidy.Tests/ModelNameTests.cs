using System.Buffers;
using System.Text.RegularExpressions;

namespace Aegis.Tidy.Tests;

/// <summary>Models and their providers are data: no code of the product names one.</summary>
public sealed partial class ModelNameTests
{
    private static readonly string[] CodeEndings = [".cs", ".sql", ".csproj", ".proto", ".ts", ".tsx"];

    private static readonly string Catalogue = SourceTree.Text("contracts/models.yaml");

    // told from the text: six spaces and a name open a model, two a provider
    private static IReadOnlyList<string> Models { get; } =
        [.. ModelLine().Matches(Catalogue).Select(m => m.Groups[1].Value.Trim('"')).Distinct()];

    private static IReadOnlyList<string> Hosts { get; } =
        [.. AddressLine().Matches(Catalogue).Select(m => m.Groups[1].Value)
            .Where(host => !host.StartsWith("127.", StringComparison.Ordinal)).Distinct()];

    [Fact]
    public void Code_NamesNoModel()
    {
        Assert.True(Models.Count > 100 && Hosts.Count > 30, $"{Models.Count} models, {Hosts.Count} hosts");
        string[] names = [.. Models, .. Hosts];
        var any = SearchValues.Create(names, StringComparison.OrdinalIgnoreCase);
        Finding.None(CodeEndings.SelectMany(e => SourceTree.In(e, "src/"))
            .Select(file => (File: file, Text: SourceTree.Text(file)))
            .Where(f => f.Text.AsSpan().ContainsAny(any))
            .SelectMany(f => names.Where(n => Names(f.Text, n)).Select(n => $"{f.File} names {n}")));
    }

    [Theory]
    [InlineData("if (model == \"o3-mini\")", "o3-mini", true)]
    [InlineData("// as gpt-5.4 does", "gpt-5.4", true)]
    [InlineData("\"openai/gpt-5.4\"", "gpt-5.4", true)]
    [InlineData("gpt-5.45", "gpt-5.4", false)]
    [InlineData("sonar.issues", "sonar", false)]
    [InlineData("a sonar_report", "sonar", false)]
    [InlineData("the o3 of", "o3", true)]
    public void Name_IsRecognised(string text, string name, bool found) =>
        Assert.Equal(found, Names(text, name));

    // a plain word that a model is called by is also a word: it counts where it stands as a text of its own;
    // the scanner that is called sonar too was here first
    private static bool Names(string text, string name)
    {
        if (!text.Contains(name, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }
        return name.All(char.IsAsciiLetter)
            ? text.Contains($"\"{name}\"", StringComparison.OrdinalIgnoreCase) && name != "sonar"
            : Regex.IsMatch(text, $"(?<![A-Za-z0-9]){Regex.Escape(name)}(?![A-Za-z0-9]|\\.[0-9])",
                RegexOptions.IgnoreCase);
    }

    [GeneratedRegex("^      (\"[^\"]+\"|[^ :\"]+):$", RegexOptions.Multiline)]
    private static partial Regex ModelLine();

    [GeneratedRegex("^    base_url: \"?https?://([^/\":{}]+)", RegexOptions.Multiline)]
    private static partial Regex AddressLine();
}
