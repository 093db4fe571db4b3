using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Aegis.Core.Intents;

/// <summary>A sentence as it is compared: small letters, no accents, no invisible characters. What stands
/// between quotes or backticks is spoken about, not said: the clauses have <see cref="Quoted"/> in its
/// place.</summary>
public sealed class FoldedText
{
    /// <summary>The word for a part between quotes.</summary>
    public const string Quoted = "#quoted";

    private const string Enders = ".!?;,:\n¿¡()";

    private const string Accented = "áàâäãåāéèêëēíìîïīóòôöõōúùûüūñçýÿ’‘´“”«»\u00A0";
    private const string Plainly = "aaaaaaaeeeeeiiiiioooooouuuuuncyy'''\"\"\"\" ";

    private FoldedText(string plain, ImmutableArray<ImmutableArray<string>> clauses) =>
        (Plain, Clauses) = (plain, clauses);

    /// <summary>All of it, folded, in one line.</summary>
    public string Plain { get; }

    /// <summary>The words of each part between marks.</summary>
    public ImmutableArray<ImmutableArray<string>> Clauses { get; }

    public IEnumerable<string> Words => Clauses.SelectMany(c => c);

    public static FoldedText Of(string text)
    {
        var folded = Fold(text);
        var clauses = ImmutableArray.CreateBuilder<ImmutableArray<string>>();
        var words = ImmutableArray.CreateBuilder<string>();
        var word = new StringBuilder();
        var said = WithoutQuotes(folded) + "\n";
        for (var i = 0; i < said.Length; i++)
        {
            var c = said[i];
            if (char.IsLetterOrDigit(c) || c is '\'' or '#' or '_' or '-' or '/'
                || (c == '.' && word.Length == 0 && i + 1 < said.Length && char.IsLetter(said[i + 1])))
            {
                word.Append(c);
                continue;
            }
            if (word.ToString().Trim('\'', '-', '/') is { Length: > 0 } whole)
            {
                words.Add(whole);
            }
            word.Clear();
            if (Enders.Contains(c, StringComparison.Ordinal) && words.Count > 0)
            {
                clauses.Add(words.DrainToImmutable());
            }
        }
        return new FoldedText(string.Join(' ', folded.Split(
            (char[]?)null, StringSplitOptions.RemoveEmptyEntries)), clauses.ToImmutable());
    }

    /// <summary>Small letters without accents; wide forms are the usual ones, and what cannot be seen is
    /// gone. By a table: a server without the data of all languages normalizes nothing.</summary>
    public static string Fold(string text)
    {
        var folded = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            var kind = CharUnicodeInfo.GetUnicodeCategory(c);
            if (kind is UnicodeCategory.NonSpacingMark or UnicodeCategory.Format
                || (kind == UnicodeCategory.Control && c is not ('\n' or '\t')))
            {
                continue;
            }
            var plain = char.ToLowerInvariant(c is >= '\uFF01' and <= '\uFF5E' ? (char)(c - 0xFEE0) : c);
            var at = Accented.IndexOf(plain, StringComparison.Ordinal);
            folded.Append(at < 0 ? plain : Plainly[at]);
        }
        return folded.ToString();
    }

    private static string WithoutQuotes(string text)
    {
        var said = new StringBuilder(text.Length);
        char? inside = null;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (inside is null && c is '"' or '`' && text.IndexOf(c, i + 1) > 0)
            {
                inside = c;
            }
            else if (inside == c)
            {
                inside = null;
                said.Append(' ').Append(Quoted).Append(' ');
            }
            else if (inside is null)
            {
                said.Append(c);
            }
        }
        return said.ToString();
    }
}
