using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Aegis.Core.Expressions;

namespace Aegis.Core.Artifacts;

/// <summary>What ids, paths, states and kinds of an artifact may be.</summary>
public static partial class ArtifactRules
{
    public const string DefaultStatus = "complete";
    public const string DocumentType = "text/markdown";
    public const string UnknownType = "application/octet-stream";
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int IdDigits = 26;

    public static readonly FrozenSet<string> Statuses = FrozenSet.ToFrozenSet(
        ["draft", "in_progress", "in_review", "complete", "rejected", "obsolete"]);

    private static readonly FrozenDictionary<string, string> Types = new Dictionary<string, string>
    {
        [".md"] = DocumentType,
        [".txt"] = "text/plain",
        [".log"] = "text/plain",
        [".csv"] = "text/csv",
        [".html"] = "text/html",
        [".json"] = "application/json",
        [".sarif"] = "application/sarif+json",
        [".xml"] = "application/xml",
        [".yaml"] = "application/yaml",
        [".yml"] = "application/yaml",
        [".pdf"] = "application/pdf",
        [".zip"] = "application/zip",
        [".gz"] = "application/gzip",
        [".png"] = "image/png",
        [".jpg"] = "image/jpeg",
        [".svg"] = "image/svg+xml",
    }.ToFrozenDictionary();

    public static string StatusesShown => string.Join(", ", Statuses.Order(StringComparer.Ordinal));

    /// <summary>The id of a file that was given none: the same path of a project is the same artifact, in
    /// whatever run.</summary>
    public static string IdOf(string path)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(path));
        return "artf_" + string.Create(IdDigits, hash, (text, bytes) =>
        {
            for (var i = 0; i < text.Length; i++)
            {
                text[i] = Alphabet[bytes[i] & 31];
            }
        });
    }

    /// <summary>Below its root, <c>/</c> between names, no name of dots, no control characters.</summary>
    public static bool IsPath(string path) =>
        path.Length is > 0 and <= ArtifactLimits.PathCharsMax && IsPrintable(path)
        && path.Split('/').All(n => n is not ("" or "." or ".."));

    public static bool IsDocument(string path) => path.EndsWith(".md", StringComparison.OrdinalIgnoreCase);

    public static string MediaTypeOf(string path)
    {
        var dot = path.LastIndexOf('.');
        return dot < 0 ? UnknownType : Types.GetValueOrDefault(path[dot..].ToLowerInvariant(), UnknownType);
    }

    public static bool IsMediaType(string text) =>
        text.Length <= ArtifactLimits.MediaTypeCharsMax && MediaTypePattern().IsMatch(text);

    public static bool IsHash(string text) => HashPattern().IsMatch(text);

    public static bool IsKeyId(string text) => KeyIdPattern().IsMatch(text);

    public static bool IsLinkRef(string text) =>
        text.Length is > 0 and <= ArtifactLimits.LinkRefCharsMax && IsPrintable(text);

    public static bool IsPrintable(string text) =>
        !text.Any(char.IsControl) && WellFormedText.IsValid(text);

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*\z")]
    private static partial Regex MediaTypePattern();

    [GeneratedRegex(@"\Asha256:[0-9a-f]{64}\z")]
    private static partial Regex HashPattern();

    [GeneratedRegex(@"\A[0-9a-f]{32}\z")]
    private static partial Regex KeyIdPattern();
}
