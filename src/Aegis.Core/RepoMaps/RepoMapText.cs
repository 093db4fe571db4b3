using System.Collections.Immutable;
using System.Text;

namespace Aegis.Core.RepoMaps;

/// <summary>A map as it is shown.</summary>
/// <param name="Files">Files in it, the most relevant first.</param>
public sealed record RepoMap(string Text, int Tokens, ImmutableArray<string> Files, int Symbols);

/// <summary>Writes the most relevant definitions under their files, as many as the budget holds.</summary>
public static class RepoMapText
{
    /// <summary>Source text has three to four bytes for each token of today's models; the lower number keeps
    /// the budget.</summary>
    public const int BytesPerToken = 3;

    private const int SignatureCharsMax = 120;

    public static int TokensOf(string text) =>
        (Encoding.UTF8.GetByteCount(text) + BytesPerToken - 1) / BytesPerToken;

    public static RepoMap Of(ImmutableArray<RankedSymbol> ranked, int budgetTokens)
    {
        // one more definition never makes the text shorter
        var (fits, tooMany) = (0, ranked.Length + 1);
        while (tooMany - fits > 1)
        {
            var half = (fits + tooMany) / 2;
            (fits, tooMany) = TokensOf(Render(ranked[..half]).Text) <= budgetTokens ? (half, tooMany)
                : (fits, half);
        }
        var (text, files) = Render(ranked[..fits]);
        return new RepoMap(text, TokensOf(text), files, ranked[..fits].Count(r => r.Symbol is not null));
    }

    private static (string Text, ImmutableArray<string> Files) Render(ImmutableArray<RankedSymbol> ranked)
    {
        var text = new StringBuilder();
        var files = ImmutableArray.CreateBuilder<string>();
        // groups stand in the order of their first, which is their best
        foreach (var file in ranked.GroupBy(r => r.Path, StringComparer.Ordinal))
        {
            files.Add(file.Key);
            text.Append(file.Key).Append('\n');
            foreach (var symbol in file.Select(r => r.Symbol).OfType<SymbolDefinition>().OrderBy(s => s.Line))
            {
                text.Append("  ").Append(symbol.Line).Append(' ').Append(symbol.Kind).Append(' ')
                    .Append(symbol.Name).Append(Shown(symbol.Signature)).Append('\n');
            }
        }
        return (text.ToString(), files.ToImmutable());
    }

    private static string Shown(string signature)
    {
        var line = string.Join(' ', signature.Split((char[])['\n', '\r', '\t', ' '],
            StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= SignatureCharsMax ? line : line[..SignatureCharsMax] + "…";
    }
}
