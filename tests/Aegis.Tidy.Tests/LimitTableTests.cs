using System.Text;
using System.Text.RegularExpressions;

namespace Aegis.Tidy.Tests;

/// <summary>docs/limits.md lists every constant of the product whose name ends in Max, with its value. With
/// AEGIS_UPDATE_DOCS=1 (<c>./aegis docs</c>) the table is written instead of compared.</summary>
public sealed partial class LimitTableTests
{
    private const string Page = "docs/limits.md";
    private const string Begin = "<!-- generated from the sources by ./aegis docs: begin -->\n";
    private const string End = "<!-- generated: end -->\n";

    [Fact]
    [Trait("Category", "Generated")]
    public void Table_IsWhatTheSourcesSay()
    {
        var text = SourceTree.Text(Page);
        var from = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var to = text.IndexOf(End, StringComparison.Ordinal);
        Assert.True(from >= Begin.Length && to >= from, $"{Page} has lost the marks of its table");
        if (Environment.GetEnvironmentVariable("AEGIS_UPDATE_DOCS") == "1")
        {
            File.WriteAllText(Path.Combine(SourceTree.Root, Page), text[..from] + Table() + text[to..]);
            return;
        }
        Assert.True(text[from..to] == Table(), $"{Page} is not what the sources say; mend: ./aegis docs");
    }

    [Theory]
    [InlineData("1 << 20", "1,048,576")]
    [InlineData("64 * 1024", "65,536")]
    [InlineData("10_000", "10,000")]
    [InlineData("2L << 30", "2,147,483,648")]
    [InlineData("OtherMax + 1", "OtherMax + 1")]
    public void Value_IsReckonedWhereItIsPlain(string expression, string shown) =>
        Assert.Equal(shown, Value(expression));

    private static string Table()
    {
        var table = new StringBuilder("| room | limit | value |\n|---|---|---|\n");
        foreach (var file in SourceTree.In(".cs", "src/"))
        {
            foreach (Match limit in LimitConstant().Matches(SourceTree.Text(file)))
            {
                table.Append($"| {file.Split('/')[1]} | `{Path.GetFileNameWithoutExtension(file)}."
                    + $"{limit.Groups[1].Value}` | {Value(limit.Groups[2].Value)} |\n");
            }
        }
        return table.ToString();
    }

    private static string Value(string expression) =>
        Plain().IsMatch(expression)
            ? expression.Split('*').Select(Factor).Aggregate(1L, (a, b) => a * b).ToString("N0")
            : expression;

    private static long Factor(string text)
    {
        var parts = text.Split("<<").Select(p => long.Parse(p.Replace("_", "").Trim().TrimEnd('L')))
            .ToArray();
        return parts.Length == 1 ? parts[0] : parts[0] << (int)parts[1];
    }

    [GeneratedRegex(@"\bconst (?:int|long|decimal) (\w*Max) =\s*([^;]+);")]
    private static partial Regex LimitConstant();

    [GeneratedRegex(@"^[0-9_L *<]+$")]
    private static partial Regex Plain();
}
