using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Aegis.Server.Hooks;

/// <summary>The signatures of calls that come in, compared in constant time.</summary>
internal static class HookSignature
{
    private const string GithubPrefix = "sha256=";

    /// <summary>GitHub's <c>X-Hub-Signature-256</c>: hex HMAC-SHA256 over the raw body.</summary>
    public static bool IsGithub(string? header, string secret, ReadOnlySpan<byte> body) =>
        header?.StartsWith(GithubPrefix, StringComparison.Ordinal) == true
        && IsHexOf(header[GithubPrefix.Length..], secret, body);

    /// <summary><c>X-Aegis-Signature: t=SECONDS,v1=HEX</c>: HMAC-SHA256 over <c>SECONDS.body</c>.</summary>
    public static bool IsOwn(OwnSignature given, string secret, ReadOnlySpan<byte> body) =>
        IsHexOf(given.Hex, secret,
            [.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{given.Seconds}.")),
                .. body]);

    /// <summary>Null where the header has another form.</summary>
    public static OwnSignature? Read(string? header) =>
        header?.Split(',') is [['t', '=', .. var seconds], ['v', '1', '=', .. var hex]]
            && long.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var at)
            && at <= DateTimeOffset.MaxValue.ToUnixTimeSeconds() && hex.Length == 64
            ? new OwnSignature(at, hex)
            : null;

    private static bool IsHexOf(string hex, string secret, ReadOnlySpan<byte> signed)
    {
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed, expected);
        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        return hex.Length == 2 * given.Length
            && Convert.FromHexString(hex, given, out _, out _) == System.Buffers.OperationStatus.Done
            && CryptographicOperations.FixedTimeEquals(expected, given);
    }
}

internal sealed record OwnSignature(long Seconds, string Hex)
{
    public DateTimeOffset At => DateTimeOffset.FromUnixTimeSeconds(Seconds);
}
