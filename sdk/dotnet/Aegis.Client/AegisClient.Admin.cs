namespace Aegis.Client;

public partial class AegisClient
{
    public Task<Profile> GetProfileAsync(CancellationToken cancel = default) =>
        GetAsync("v1/profile", ClientJson.Default.Profile, cancel);

    /// <summary>Stores a new version of the project's profile with the files that it names.</summary>
    public Task<Profile> SetProfileAsync(SetProfile profile, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Put, "v1/profile", Body(profile, ClientJson.Default.SetProfile),
            ClientJson.Default.Profile, cancel);

    public Task<Listing<Tenant>> ListTenantsAsync(CancellationToken cancel = default) =>
        ListAsync("v1/tenants", ClientJson.Default.ListingTenant, cancel);

    public Task<CreatedTenant> CreateTenantAsync(string id, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, "v1/tenants", Body(new NamedId(id), ClientJson.Default.NamedId),
            ClientJson.Default.CreatedTenant, cancel);

    public Task<Listing<Project>> ListProjectsAsync(CancellationToken cancel = default) =>
        ListAsync("v1/projects", ClientJson.Default.ListingProject, cancel);

    public Task<Project> CreateProjectAsync(string id, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, "v1/projects", Body(new NamedId(id), ClientJson.Default.NamedId),
            ClientJson.Default.Project, cancel);

    public Task<Listing<KeySummary>> ListKeysAsync(CancellationToken cancel = default) =>
        ListAsync("v1/keys", ClientJson.Default.ListingKeySummary, cancel);

    public Task<CreatedKey> CreateKeyAsync(CreateKey request, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, "v1/keys", Body(request, ClientJson.Default.CreateKey),
            ClientJson.Default.CreatedKey, cancel);

    /// <summary>Ends a key; a server that has it in its cache refuses it within 5 s.</summary>
    public async Task RevokeKeyAsync(string keyId, CancellationToken cancel = default)
    {
        using var reply = await SendAsync(HttpMethod.Delete, $"v1/keys/{Escape(keyId)}", null, null, cancel);
        await RequireOkAsync(reply, cancel);
    }

    public Task<Listing<Repository>> ListRepositoriesAsync(CancellationToken cancel = default) =>
        ListAsync("v1/repos", ClientJson.Default.ListingRepository, cancel);

    public Task<Repository> CreateRepositoryAsync(string name, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, "v1/repos", Body(new NamedId(name), ClientJson.Default.NamedId),
            ClientJson.Default.Repository, cancel);

    /// <summary>Verifies the hash chain of every stream of the project, on the server.</summary>
    public Task<AuditVerdict> VerifyAuditAsync(CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, "v1/audit/verify", null, ClientJson.Default.AuditVerdict, cancel);

    /// <summary>What the ledger shows for criteria of SOC 2 in a time.</summary>
    /// <param name="controls">Such as CC6.1,CC8.1; null for all.</param>
    /// <param name="from">ISO 8601; 90 days before the end where null.</param>
    /// <param name="to">Not part of the time; now where null.</param>
    public Task<AuditEvidence> GetAuditEvidenceAsync(string? controls = null, string? from = null,
        string? to = null, CancellationToken cancel = default)
    {
        var only = string.Join('&', new[] { ("controls", controls), ("from", from), ("to", to) }
            .Where(f => f.Item2 is not null).Select(f => $"{f.Item1}={Escape(f.Item2!)}"));
        return GetAsync($"v1/audit/evidence?{only}", ClientJson.Default.AuditEvidence, cancel);
    }

    /// <summary>The Auditor's rules as they are in force.</summary>
    public Task<AuditRuleSet> GetAuditRulesAsync(CancellationToken cancel = default) =>
        GetAsync("v1/audit/rules", ClientJson.Default.AuditRuleSet, cancel);

    /// <summary>Copies the project's audit export (events with hashes, proofs, checkpoints) to a
    /// stream.</summary>
    public Task ExportAuditAsync(Stream target, CancellationToken cancel = default) =>
        DownloadAsync("v1/audit/export", target, cancel);

    /// <summary>No limit of time: the bytes may be many.</summary>
    private async Task DownloadAsync(string path, Stream target, CancellationToken cancel)
    {
        using var reply = await SendAsync(HttpMethod.Get, path, null, null, cancel);
        await RequireOkAsync(reply, cancel);
        await reply.Content.CopyToAsync(target, cancel);
    }
}
