using System.Text;

namespace Aegis.Core.Catalogue;

/// <summary>A bound on what a provider counts as input. No token is shorter than a byte, so bytes bound
/// them from above; each message adds a few of its own.</summary>
public static class PromptTokens
{
    public const int OfAMessage = 16;

    public static long Bound(IEnumerable<string> messages) =>
        messages.Sum(text => (long)Encoding.UTF8.GetByteCount(text) + OfAMessage);
}
