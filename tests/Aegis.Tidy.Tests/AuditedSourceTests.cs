using Aegis.Core.Findings;
using Aegis.Core.Findings.CodeRules;

namespace Aegis.Tidy.Tests;

/// <summary>The product's own sources pass the rules by which its Auditor judges those of others.</summary>
public sealed class AuditedSourceTests
{
    /// <summary>Looked at by a human, and right as they are.</summary>
    private static readonly (string File, string Rule)[] Cleared =
    [
        // the rules' own examples
        ("src/Aegis.Core/Findings/CodeRules/Rules/", "aegis-cs-hard-coded-credential"),
        // "request" is a call of the product to its own forge, below a base that it knows
        ("src/Aegis.Gate/Executions/ForgeCall.cs", "aegis-cs-ssrf"),
        // the joined texts are constants of the function
        ("src/Aegis.Ledger/Migrations/0010_isolation.sql", "aegis-sql-injection"),
    ];

    [Fact]
    public void Sources_HaveNothingThatTheAuditorBlocks() => Finding.None(Blocking()
        .Where(f => !IsCleared(f)).Select(f => $"{f.File}:{f.Line}: {f.Rule}: {f.Message}"));

    [Fact]
    public void Cleared_AllOfThem_AreStillThere() =>
        Assert.All(Cleared, c => Assert.Contains(Blocking(), f => IsCleared(f) && f.Rule == c.Rule));

    private static IEnumerable<Core.Findings.Finding> Blocking() => SourceTree.Files
        .Where(f => f.StartsWith("src/", StringComparison.Ordinal)
            || f.StartsWith("sdk/", StringComparison.Ordinal)
            || f.StartsWith("deploy/", StringComparison.Ordinal))
        .SelectMany(f => CodeScan.Of(f, SourceTree.Text(f)))
        .Where(f => f.Severity >= FindingSeverity.Warning);

    private static bool IsCleared(Core.Findings.Finding found) => Cleared.Any(c =>
        found.Rule == c.Rule && found.File.StartsWith(c.File, StringComparison.Ordinal));
}
