using System.Security.Cryptography.X509Certificates;

namespace Aegis.Discovery.Store;

/// <summary>Where models come from.</summary>
/// <param name="Address">Of an endpoint that speaks Hugging Face's protocol: https, or http on
/// loopback.</param>
public sealed record ModelHubOptions(Uri Address)
{
    /// <summary>Tries without a byte of progress before a download is given up.</summary>
    public const int TriesMax = 5;

    /// <summary>Requests for one file in all.</summary>
    public const int RequestsMax = 1_000;

    public const int RedirectsMax = 5;

    /// <summary>Models of one search.</summary>
    public const int FoundMax = 100;

    /// <summary>The public hub.</summary>
    public static Uri Public { get; } = new("https://huggingface.co");

    /// <summary>How long an answer or the next bytes may take.</summary>
    public TimeSpan StallAfter { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The wait before the second try; it doubles from try to try.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Authorities that are trusted beside the system's; null for none.</summary>
    public X509Certificate2Collection? Authorities { get; init; }

    /// <summary>Whether this may be a hub's address.</summary>
    public static bool IsAddress(Uri address) =>
        address.UserInfo.Length + address.Query.Length + address.Fragment.Length == 0
            && (address.Scheme == Uri.UriSchemeHttps
                || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback));
}
