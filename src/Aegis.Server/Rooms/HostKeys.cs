using System.Collections;
using System.Collections.Immutable;
using Aegis.Gate.Redaction;
using Aegis.Core.Profiles;

namespace Aegis.Server.Rooms;

/// <summary>Keys of models and forges that stand in the server's environment. A profile may name only
/// variables that end in _API_KEY, so that no profile can ask for another of the server's
/// variables.</summary>
internal static class HostKeys
{
    public static string? Find(string name) => name.EndsWith("_API_KEY", StringComparison.Ordinal)
        ? Environment.GetEnvironmentVariable(name)
        : null;

    public static string? GitHubToken() =>
        Environment.GetEnvironmentVariable(ForgeProfile.HostTokenName);

    public static ImmutableArray<string> Values() => [.. Environment.GetEnvironmentVariables()
        .Cast<DictionaryEntry>().Where(e => IsSecret((string)e.Key)).Select(e => (string)e.Value!)];

    public static Redactor Redactor() => new(Values());

    private static bool IsSecret(string name) =>
        name.EndsWith("_API_KEY", StringComparison.Ordinal)
            || name.EndsWith("_TOKEN", StringComparison.Ordinal)
        || name.EndsWith("_SECRET", StringComparison.Ordinal)
        || name.EndsWith("_PASSWORD", StringComparison.Ordinal)
        || name is "AEGIS_POSTGRES" or "POSTGRES_URL" or "AEGIS_KEY";
}
