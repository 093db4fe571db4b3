using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.Findings.CodeRules;
using Aegis.Core.Languages;
using Aegis.Core.Vaccines.Checks;

namespace Aegis.Core.Vaccines;

/// <summary>What a vaccine is to be minted from.</summary>
/// <param name="FailingCode">The code that went wrong; for a check of a command the command line.</param>
/// <param name="FixedCode">The same as it should have been.</param>
/// <param name="Path">The file that it stood in.</param>
/// <param name="Check">Null: the rules of the scan that hit the failing code alone become the check, if there
/// is one.</param>
/// <param name="CallId">The call that mints; the same one again counts nothing. Null for a person.</param>
public sealed record VaccineOrder(VaccineScope Scope, string ErrorPattern, string SolutionInstruction,
    VaccineSeverity Severity, string OriginAgent, string? Language = null, string? FailingCode = null,
    string? FixedCode = null, string? Path = null, string? ErrorLog = null, VaccineCheck? Check = null,
    string? CallId = null, int? Days = null);

/// <summary>Tests an order before it becomes a vaccine: its check must hit the code that failed, and leave
/// the mended code alone. One that does not would stop nothing, or good code, for months.</summary>
public static class VaccineMint
{
    public static (VaccineOrder? Order, AegisError? Error) Test(VaccineOrder order)
    {
        if (Malformed(order) is { } malformed)
        {
            return (null, malformed);
        }
        var language = order.Language is null ? order.Path is null ? null : CodeLanguage.Of(order.Path)
            : CodeLanguage.Read(order.Language);
        order = order with { Language = language };
        var check = order.Check ?? (order.FailingCode is null ? null : OwnRule(order, order.FailingCode));
        order = order with { Check = check };
        return Unsound(order) is { } error ? (null, error) : (order, null);
    }

    private static AegisError? Malformed(VaccineOrder order) =>
        Bounds("error_pattern", order.ErrorPattern, VaccineLimits.PatternCharsMax)
        ?? Bounds("solution_instruction", order.SolutionInstruction, VaccineLimits.SolutionCharsMax)
        ?? Bounds("origin_agent", order.OriginAgent, VaccineLimits.AgentCharsMax)
        ?? AtMost("error_log", order.ErrorLog, VaccineLimits.ErrorLogCharsMax)
        ?? AtMost("failing_code", order.FailingCode, VaccineLimits.CodeCharsMax)
        ?? AtMost("fixed_code", order.FixedCode, VaccineLimits.CodeCharsMax)
        ?? AtMost("path", order.Path, VaccineLimits.CheckTextCharsMax)
        ?? (order.Days is < 1 or > VaccineLimits.DaysMax
            ? VaccineErrors.Malformed("days is out of bounds",
                $"1 to {VaccineLimits.DaysMax}", $"{order.Days}")
            : null)
        ?? (order.Language is not null && CodeLanguage.Read(order.Language) is null
            ? VaccineErrors.Malformed("its language is not known", string.Join(", ", CodeLanguage.All),
                order.Language) : null);

    private static AegisError? Unsound(VaccineOrder order)
    {
        if (order.Check is not { } check)
        {
            return null;
        }
        if (check is PatternCheck { Path: null } && order.Language is null)
        {
            return VaccineErrors.BadCheck("a pattern without a path and a language would read every file",
                "a path such as **/*.js, or the vaccine's language");
        }
        if (order.FailingCode is not { } failing)
        {
            return VaccineErrors.Misses(check, "the failing code, to test the check with");
        }
        var path = PathOf(order);
        if (order.Path is not null && check.ReadsFiles && !check.ReadsCommands
            && !check.Covers(order.Path, order.Language))
        {
            return VaccineErrors.Misses(check, $"a check that looks at {order.Path}");
        }
        if (Hit(check, path, failing) is null)
        {
            return VaccineErrors.Misses(check, "a hit in the code that failed");
        }
        return order.FixedCode is { } mended && Hit(check, path, mended) is { } hit
            ? VaccineErrors.HitsFixed(check, $"line {hit.Line}: {hit.Found}") : null;
    }

    private static CheckHit? Hit(VaccineCheck check, string path, string code)
    {
        var isFile = check.ReadsFiles
            && (!check.ReadsCommands || Dependencies.ManifestReader.EcosystemOf(path) is not null);
        return isFile ? check.Find(new ReadFile(new ProposedFile(path, code)))
            : check.Find(new ReadCommand(code.Trim()));
    }

    // the gravest rule that tells the two apart
    private static RuleCheck? OwnRule(VaccineOrder order, string failing)
    {
        var path = PathOf(order);
        var good = order.FixedCode is { } mended
            ? CodeScan.Of(path, mended).Select(f => f.Rule).ToImmutableHashSet() : [];
        return CodeScan.Of(path, failing).Where(f => !good.Contains(f.Rule))
            .OrderByDescending(f => f.Severity).ThenBy(f => f.Line)
            .ThenBy(f => f.Rule, StringComparer.Ordinal)
            .Select(f => new RuleCheck(f.Rule)).FirstOrDefault();
    }

    private static string PathOf(VaccineOrder order) => order.Path ?? CodeLanguage.Example(order.Language);

    private static AegisError? Bounds(string member, string? text, int charsMax) =>
        string.IsNullOrWhiteSpace(text) ? VaccineErrors.Malformed($"{member} is empty", "text")
            : AtMost(member, text, charsMax);

    private static AegisError? AtMost(string member, string? text, int charsMax) =>
        text is not null && (text.Length > charsMax || text.Contains('\0', StringComparison.Ordinal))
            ? VaccineErrors.Malformed($"{member} is too long, or holds NUL", $"at most {charsMax} characters",
                $"{text.Length} characters") : null;
}
