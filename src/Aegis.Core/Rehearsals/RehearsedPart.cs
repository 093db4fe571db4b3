using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Aegis.Core.Rehearsals;

/// <summary>A piece of a message or of an answer.</summary>
public abstract record RehearsedPart
{
    private protected RehearsedPart()
    {
    }
}

public sealed record RehearsedSaying(RehearsedText Text) : RehearsedPart;

/// <param name="Source">An address; or the SHA-256 of the image's bytes where it came as bytes.</param>
/// <param name="MediaType">Null where the source is an address.</param>
public sealed record RehearsedImage(string Source, string? MediaType = null) : RehearsedPart;

/// <param name="Arguments">JSON as the model wrote it.</param>
public sealed record RehearsedCall(string Id, string Name, string Arguments) : RehearsedPart;

/// <param name="Of">The id of the tool call.</param>
public sealed record RehearsedResult(string Of, ImmutableArray<RehearsedPart> Content, bool IsError = false)
    : RehearsedPart;

/// <param name="Signature">What its maker wants back with it.</param>
public sealed record RehearsedReasoning(string Text, string? Signature = null, bool IsSealed = false)
    : RehearsedPart;

/// <summary>A text of a request. A long one is kept as its beginning and a hash; and what was masked in it
/// stands for anything.</summary>
/// <param name="Sha256">Of the whole text as UTF-8, where Text is its beginning alone.</param>
public sealed record RehearsedText(string Text, string? Sha256 = null)
{
    /// <summary>What takes the place of a secret.</summary>
    public const string Mask = "***";

    /// <summary>Longer texts of a request are recorded as their beginning and a hash.</summary>
    public const int WholeCharsMax = 16 * 1024;

    private const int ExcerptChars = 1_000;

    /// <summary>The same, shortened where it is long.</summary>
    public RehearsedText Short() => Sha256 is not null || Text.Length <= WholeCharsMax ? this
        : new(Text[..(char.IsHighSurrogate(Text[ExcerptChars - 1]) ? ExcerptChars - 1 : ExcerptChars)],
            HashOf(Encoding.UTF8.GetBytes(Text)));

    public static string HashOf(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    public bool Fits(string actual) =>
        Sha256 is not null ? Sha256 == HashOf(Encoding.UTF8.GetBytes(actual))
        : Text.Contains(Mask, StringComparison.Ordinal) ? FitsMasked(actual) : Text == actual;

    // the leftmost place of each piece leaves the most room for the next one
    private bool FitsMasked(string actual)
    {
        var pieces = Text.Split(Mask);
        if (!actual.StartsWith(pieces[0], StringComparison.Ordinal))
        {
            return false;
        }
        var at = pieces[0].Length;
        foreach (var piece in pieces[1..^1])
        {
            var found = at < actual.Length ? actual.IndexOf(piece, at + 1, StringComparison.Ordinal) : -1;
            if (found < 0)
            {
                return false;
            }
            at = found + piece.Length;
        }
        return actual.Length - pieces[^1].Length > at
            && actual.EndsWith(pieces[^1], StringComparison.Ordinal);
    }
}
