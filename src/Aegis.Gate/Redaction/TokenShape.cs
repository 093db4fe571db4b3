using System.Buffers;

namespace Aegis.Gate.Redaction;

/// <summary>A kind of credential that is recognised by how it looks: a fixed beginning, then a run of
/// characters.</summary>
/// <param name="Anchor">The fixed beginning.</param>
/// <param name="Body">What the run may hold; it ends before the first other byte.</param>
/// <param name="BodyMin">A shorter run is ordinary text.</param>
/// <param name="NeedsDigit">A run without a digit is ordinary text (sk-learn-like names).</param>
/// <param name="NeedsBoundary">The byte before the anchor must be no letter, digit or underscore.</param>
/// <param name="KeepAnchor">The anchor stays readable (Bearer ***).</param>
internal sealed record TokenShape(string Anchor, SearchValues<byte> Body, int BodyMin,
    bool NeedsDigit = false,
    bool NeedsBoundary = true, bool KeepAnchor = false, ShapeKind Kind = ShapeKind.Token)
{
    /// <summary>A run that has not met its conditions by now never will: it is let go, so that what is held
    /// back of a stream stays bounded.</summary>
    public const int UndecidedBytesMax = 256;

    private static readonly SearchValues<byte> Word =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"u8);

    private static readonly SearchValues<byte> Dashed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"u8);

    private static readonly SearchValues<byte> Capital =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"u8);

    private static readonly SearchValues<byte> Header =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/="u8);

    private static readonly SearchValues<byte> AuthoritySafe = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=%:"u8);

    /// <summary>Index + 1 is the anchor's number in the pattern tree.</summary>
    public static TokenShape[] All { get; } =
    [
        new("ghp_", Word, 30), new("gho_", Word, 30), new("ghu_", Word, 30), new("ghs_", Word, 30),
        new("ghr_", Word, 30), new("github_pat_", Word, 22), new("glpat-", Dashed, 20),
        new("npm_", Word, 36), new("sk-", Dashed, 20, NeedsDigit: true),
        new("AKIA", Capital, 16), new("ASIA", Capital, 16), new("AIza", Dashed, 35),
        new("xoxa-", Dashed, 10, NeedsDigit: true), new("xoxb-", Dashed, 10, NeedsDigit: true),
        new("xoxp-", Dashed, 10, NeedsDigit: true), new("xoxr-", Dashed, 10, NeedsDigit: true),
        new("xoxs-", Dashed, 10, NeedsDigit: true), new("xapp-", Dashed, 10, NeedsDigit: true),
        new("Bearer ", Header, 16, NeedsDigit: true, KeepAnchor: true),
        new("bearer ", Header, 16, NeedsDigit: true, KeepAnchor: true),
        new("BEARER ", Header, 16, NeedsDigit: true, KeepAnchor: true),
        new("://", AuthoritySafe, 1, NeedsBoundary: false, Kind: ShapeKind.UrlPassword),
        new("-----BEGIN ", Dashed, 0, NeedsBoundary: false, Kind: ShapeKind.PrivateKey),
    ];

    /// <summary>The number of <c>-----END </c>, which only an open private key listens to.</summary>
    public static int KeyEndAnchor => All.Length + 1;

    public static bool IsWord(byte b) => Word.Contains(b);
}

internal enum ShapeKind
{
    Token,

    /// <summary><c>scheme://user:password@host</c>: only the password is masked.</summary>
    UrlPassword,

    /// <summary>From <c>-----BEGIN … PRIVATE KEY-----</c> to the end line.</summary>
    PrivateKey,
}
