using System.Text.Json;

namespace Aegis.Client;

public partial class AegisClient
{
    /// <summary>Vaccines that the project sees, the newest first.</summary>
    /// <param name="status">proposed, active, faded or revoked.</param>
    /// <param name="scope">project, tenant or global.</param>
    public Task<Listing<Vaccine>> ListVaccinesAsync(
        string? status = null, string? scope = null, CancellationToken cancel = default)
    {
        var only = string.Join('&', new[] { ("status", status), ("scope", scope) }
            .Where(f => f.Item2 is not null).Select(f => $"{f.Item1}={Escape(f.Item2!)}"));
        return ListAsync(only.Length == 0 ? "v1/vaccines" : $"v1/vaccines?{only}",
            ClientJson.Default.ListingVaccine, cancel);
    }

    /// <summary>Those that matter for a task, best first, within a budget of a prompt's tokens.</summary>
    public Task<Listing<Vaccine>> SearchVaccinesAsync(string query, string? language = null,
        int? budgetTokens = null, CancellationToken cancel = default) =>
        GetAsync($"v1/vaccines?query={Escape(query)}"
            + (language is null ? "" : $"&language={Escape(language)}")
            + (budgetTokens is null ? "" : $"&budget_tokens={budgetTokens}"),
            ClientJson.Default.ListingVaccine, cancel);

    public Task<Vaccine> GetVaccineAsync(string id, CancellationToken cancel = default) =>
        GetAsync($"v1/vaccines/{Escape(id)}", ClientJson.Default.Vaccine, cancel);

    /// <summary>Makes a vaccine of a failure, or counts one alike. Throws with AEGIS2622 or AEGIS2623 where
    /// its check does not tell the failing code from the fixed one.</summary>
    public Task<Vaccine> MintVaccineAsync(MintVaccine order, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, "v1/vaccines", Body(order, ClientJson.Default.MintVaccine),
            ClientJson.Default.Vaccine, cancel);

    /// <summary>Takes it back, for good.</summary>
    public Task<Vaccine> RevokeVaccineAsync(string id, string reason, CancellationToken cancel = default) =>
        ActAsync(id, "revoke", reason, cancel);

    /// <summary>Says that it stopped good code.</summary>
    public Task<Vaccine> ReportVaccineAsync(string id, string reason, CancellationToken cancel = default) =>
        ActAsync(id, "report", reason, cancel);

    /// <summary>Makes a project's its tenant's, or a global one valid.</summary>
    public Task<Vaccine> PromoteVaccineAsync(string id, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, $"v1/vaccines/{Escape(id)}:promote", null,
            ClientJson.Default.Vaccine, cancel);

    private Task<Vaccine> ActAsync(string id, string act, string reason, CancellationToken cancel) =>
        CallAsync(HttpMethod.Post, $"v1/vaccines/{Escape(id)}:{act}",
            Body(new VaccineReason(reason), ClientJson.Default.VaccineReason),
            ClientJson.Default.Vaccine, cancel);
}

/// <summary>A mistake that is not to be made again.</summary>
/// <param name="Scope">project where null; tenant, global.</param>
/// <param name="Check">An object with kind: pattern, rule, command or dependency.</param>
/// <param name="Days">How long it lives without helping.</param>
public sealed record MintVaccine(string ErrorPattern, string SolutionInstruction, string? Scope = null,
    string? Severity = null, string? OriginAgent = null, string? Language = null, string? ErrorLog = null,
    string? FailingCode = null, string? FixedCode = null, string? Path = null, JsonElement? Check = null,
    int? Days = null);

public sealed record VaccineReason(string Reason);

/// <summary>A negative constraint that a failure left behind.</summary>
/// <param name="Check">Null where it is only told.</param>
/// <param name="Efficacy">The share of later mistakes that it stopped; null before there were any.</param>
public sealed record Vaccine(string VaccineId, string Collection, string Scope, string Status,
    VaccinePayload Payload, string? Language, JsonElement? Check, long Hits, long Prevented, long Recurred,
    long BlockedGood, double? Efficacy, DateTimeOffset HelpedAt, DateTimeOffset ExpiresAt,
    string? RevokedBy, string? RevokeReason);

/// <param name="Severity">low, medium, high or critical.</param>
public sealed record VaccinePayload(string ErrorPattern, string SolutionInstruction, string Severity,
    string OriginAgent, DateTimeOffset CreatedAt);
