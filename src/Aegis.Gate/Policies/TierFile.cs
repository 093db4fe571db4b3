using Aegis.Core.Errors;
using Aegis.Core.Policy.Tiers;
using Microsoft.Extensions.Logging;

namespace Aegis.Gate.Policies;

/// <summary>The installation's <c>allowlist.json</c>, read again when it has changed.</summary>
public sealed class TierFile
{
    private readonly WatchedFile<TierBook> file;

    /// <summary>Reads it; AEGIS2512 with every error where it cannot be read.</summary>
    /// <param name="path">Null for the list that this release ships.</param>
    public TierFile(string? path, ILogger log) => file = new WatchedFile<TierBook>(path, TierBook.BuiltIn,
        TierBookParser.CharsMax * 4L, TierBookParser.Parse,
        errors => new("AEGIS2512", errors, "a map from a tier's name to its commands", null,
            "see docs/policy.md"),
        errors => GateLog.TiersKept(log, errors));

    public TierBook Current() => file.Current();
}
