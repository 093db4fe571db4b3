using System.Collections.Frozen;

namespace Aegis.Core.Routing.Learning;

/// <summary>The kinds of verdicts as doors, facts and tables write them.</summary>
public static class VerdictWords
{
    public const string TestsPassed = "tests_passed";
    public const string Auditor = "auditor";
    public const string SchemaValid = "schema_valid";
    public const string UserApproval = "user_approval";

    private static readonly FrozenDictionary<string, VerdictKind> Kinds = new Dictionary<string, VerdictKind>
    {
        [TestsPassed] = VerdictKind.TestsPassed,
        [Auditor] = VerdictKind.Auditor,
        [SchemaValid] = VerdictKind.SchemaValid,
        [UserApproval] = VerdictKind.UserApproval,
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<VerdictKind, string> Words =
        Kinds.ToFrozenDictionary(k => k.Value, k => k.Key);

    public static string Of(VerdictKind kind) => Words[kind];

    /// <summary>Null where it is none of them.</summary>
    public static VerdictKind? Read(string word) => Kinds.TryGetValue(word, out var kind) ? kind : null;
}
