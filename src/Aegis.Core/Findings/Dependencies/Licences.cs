using System.Collections.Immutable;

namespace Aegis.Core.Findings.Dependencies;

/// <summary>Which licences a rule set refuses.</summary>
/// <param name="Denied">SPDX identifiers; a final * covers what begins so.</param>
/// <param name="Severity">Of a denied one.</param>
/// <param name="Unknown">Of a package whose licence cannot be told.</param>
public sealed record LicencePolicy(ImmutableArray<string> Denied, FindingSeverity Severity,
    FindingSeverity Unknown)
{
    public static LicencePolicy None { get; } = new([], FindingSeverity.Note, FindingSeverity.Note);
}

/// <summary>A package with the licence that it names; null where it names none.</summary>
public sealed record LicensedPackage(string Name, string Version, string? Licence, string File);

/// <summary>Holds packages' licences against a policy. Of <c>A OR B</c> one must be allowed, of <c>A AND
/// B</c> both.</summary>
public static class Licences
{
    public const string Tool = "licences";

    public static ImmutableArray<Finding> Of(IEnumerable<LicensedPackage> packages, LicencePolicy policy) =>
        [.. packages.Select(package => Judge(package, policy)).OfType<Finding>()];

    internal static bool IsDenied(string expression, LicencePolicy policy)
    {
        var plain = expression.Replace("(", " ", StringComparison.Ordinal)
            .Replace(")", " ", StringComparison.Ordinal);
        return plain.Split(" OR ", StringSplitOptions.TrimEntries).All(choice => choice
            .Split(" AND ", StringSplitOptions.TrimEntries)
                .Any(id => policy.Denied.Any(denied => Covers(denied, id))));
    }

    private static bool Covers(string denied, string id)
    {
        id = id.Split(" WITH ")[0].Trim();
        return denied.EndsWith('*') ? id.StartsWith(denied[..^1], StringComparison.OrdinalIgnoreCase)
            : id.Equals(denied, StringComparison.OrdinalIgnoreCase)
                || id.Equals(denied + "-only", StringComparison.OrdinalIgnoreCase)
                || id.Equals(denied + "-or-later", StringComparison.OrdinalIgnoreCase);
    }

    private static Finding? Judge(LicensedPackage package, LicencePolicy policy)
    {
        if (package.Licence is not { Length: > 0 } licence || licence is "UNKNOWN" or "UNLICENSED"
            || licence.StartsWith("SEE LICENSE", StringComparison.OrdinalIgnoreCase))
        {
            return new("aegis-licence-unknown", Tool, policy.Unknown, package.File, 1, null,
                $"the licence of {package.Name} {package.Version} cannot be told",
                    "look it up, or take another package");
        }
        return IsDenied(licence, policy) ? new("aegis-licence-denied", Tool, policy.Severity, package.File,
            1, null,
            $"{package.Name} {package.Version} is under {licence}, which the rule set refuses",
            "take another package, or let an administrator change the rule set") : null;
    }
}
