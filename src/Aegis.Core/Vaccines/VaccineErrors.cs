using Aegis.Core.Errors;

namespace Aegis.Core.Vaccines;

public static class VaccineErrors
{
    private const int ShownMax = 120;

    public static AegisError Stops(VaccineStop stop) => new("AEGIS2620",
        $"vaccine {stop.Vaccine.Id} ({VaccineWords.Of(stop.Vaccine.Severity)}, {stop.Vaccine.Check}) stops "
        + $"this: {stop.Vaccine.ErrorPattern}", "code without that mistake", $"{stop.Where}: {stop.Found}",
        $"{stop.Vaccine.SolutionInstruction} If this is good code: aegis vaccines report {stop.Vaccine.Id}");

    public static AegisError BadCheck(string why, string expected, string? got = null) =>
        new("AEGIS2621", $"the vaccine's check cannot be used: {why}", expected, Shown(got),
            "see docs/vaccines.md, Checks");

    public static AegisError Misses(VaccineCheck check, string why) => new("AEGIS2622",
        $"the check {check} does not hit the failing code", why, null,
        "comments are left out and quotes inside of a string are blanks where a check looks; mend the check, "
        + "or send the code that failed");

    public static AegisError HitsFixed(VaccineCheck check, string where) => new("AEGIS2623",
        $"the check {check} hits the fixed code too", "no hit there", where,
        "make the check narrower: it would stop good code");

    public static AegisError Malformed(string what, string expected, string? got = null) =>
        new("AEGIS2624", $"the vaccine cannot be minted: {what}", expected, Shown(got), "correct it");

    public static AegisError TooMany { get; } = new("AEGIS2625", "there are too many vaccines",
        $"at most {VaccineLimits.LiveMax} that a project sees", null,
        "revoke what stops nothing: aegis vaccines list");

    public static AegisError WasRevoked(Vaccine vaccine) => new("AEGIS2626",
        $"vaccine {vaccine.Id} says the same and was revoked", null, vaccine.RevokeReason,
        "write another check that leaves good code alone");

    public static AegisError NeedsOperator { get; } = new("AEGIS2627",
        "vaccines of everybody are the operator's", "a key with operator:tenants", null,
        "mint it for the tenant, and ask the operator");

    public static AegisError WrongState(Vaccine vaccine, string act) => new("AEGIS2628",
        $"vaccine {vaccine.Id} cannot be {act}", null,
        $"{VaccineWords.Of(vaccine.Status)}, of scope {VaccineWords.Of(vaccine.Scope)}",
        "look at it: aegis vaccines show " + vaccine.Id);

    public static AegisError NoMemory { get; } = new("AEGIS2629", "this node keeps no vaccines", null, null,
        "call a server with a ledger");

    public static AegisError Unknown(string id) => new("AEGIS2630", $"there is no vaccine {id}",
        "one that this project sees", null, "list them: aegis vaccines list");

    internal static string? Shown(string? text) =>
        text is { Length: > ShownMax } ? text[..ShownMax] + "…" : text;
}
