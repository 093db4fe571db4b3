using System.Net;
using System.Text.Json;
using Aegis.Core;
using Aegis.Core.Audit.Controls;
using Aegis.Gate;
using Aegis.Ledger.Audit;
using Aegis.Server.Tests.Support;
using Aegis.Tests.Shared;
using Microsoft.AspNetCore.Routing;

namespace Aegis.Server.Tests.Audit;

/// <summary>Evidence for criteria of SOC 2 from real runs, held against SQL on the ledger.</summary>
[Collection(RealServerGroup.Name)]
public sealed class EvidenceDoorTests(RealServer real) : IAsyncLifetime
{
    private readonly string tenant = $"e{Guid.CreateVersion7():n}"[..20];
    private readonly string folder = Directory.CreateTempSubdirectory("aegis-evidence-").FullName;
    private string key = "";
    private string keyId = "";

    public async Task InitializeAsync()
    {
        await real.ProjectAsync(new Tenancy(tenant, "web"));
        var made = await real.MakeKeyAsync(new Tenancy(tenant, "web"));
        (keyId, key) = (made.KeyId, made.Secret);
    }

    public Task DisposeAsync()
    {
        Directory.Delete(folder, true);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Evidence_OfRealRuns_IsWhatTheLedgerHas_AndNothingOfOthers()
    {
        await HappenAsync();
        var (status, found, _) = await real.SendAsync("GET", "/v1/audit/evidence", key: key);
        Assert.True(status == HttpStatusCode.OK, found.GetRawText());
        Assert.True(found.GetProperty("verdict").GetProperty("ok").GetBoolean(), found.GetRawText());
        Assert.Equal(ControlCatalogue.BuiltIn.Hash, found.GetProperty("catalogue_hash").GetString());
        var counted = JsonElement.Parse(await real.UntilAsync("""
            SELECT json_object_agg(type, n)::text FROM (SELECT e.type, count(*) AS n FROM events e
              JOIN tenants t USING (tenant_key) WHERE t.tenant_id = $1 GROUP BY e.type) c
            """, tenant));
        foreach (var control in ControlCatalogue.BuiltIn.Controls)
        {
            var told = Control(found, control.Id);
            foreach (var type in told.GetProperty("events").EnumerateArray())
            {
                var wanted = counted.TryGetProperty(type.GetProperty("type").GetString()!, out var n)
                    ? n.GetInt64() : 0;
                Assert.Equal(wanted, type.GetProperty("count").GetInt64());
                Assert.Equal(Math.Min(wanted, LedgerEvidence.SampleMax),
                    type.GetProperty("sample").GetArrayLength());
            }
        }
        foreach (var type in (string[])["ApprovalGranted", "ToolDenied", "SecretStored",
            "DeploymentSwitched"])
        {
            Assert.True(counted.TryGetProperty(type, out _), $"nothing made {type}");
        }
        var keys = Control(found, "CC6.2").GetProperty("records");
        Assert.Equal((2, 1), (keys[0].GetProperty("count").GetInt32(),
            keys[1].GetProperty("count").GetInt32()));
        Assert.Contains(keyId, keys[0].GetProperty("sample").EnumerateArray().Select(i => i.GetString()));

        var rival = (await real.MakeKeyAsync(await OtherAsync())).Secret;
        var (_, theirs, _) = await real.SendAsync("GET", "/v1/audit/evidence?controls=CC8.1,A1.1",
            key: rival);
        Assert.Equal(["CC8.1", "A1.1"], theirs.GetProperty("controls").EnumerateArray()
            .Select(c => c.GetProperty("id").GetString()));
        Assert.All(theirs.GetProperty("controls").EnumerateArray(), c =>
            Assert.Equal((0, "no evidence in this period"),
                (c.GetProperty("count").GetInt32(), c.GetProperty("note").GetString())));
    }

    [Fact]
    public async Task Sample_StandsInTheExportByItsHash_AndATamperedEventIsTold()
    {
        await HappenAsync();
        var (_, found, _) = await real.SendAsync("GET", "/v1/audit/evidence?controls=CC1.3", key: key);
        var sample = Sample(found, "ApprovalGranted");
        using (var export = new MemoryStream())
        {
            using var client = new Client.AegisClient(real.Server.Url.ToString(), key);
            await client.ExportAuditAsync(export);
            Assert.Contains(sample.GetProperty("hash").GetString()!,
                System.Text.Encoding.UTF8.GetString(export.ToArray()), StringComparison.Ordinal);
        }
        Assert.True(sample.GetProperty("intact").GetBoolean());

        var (stream, version) = (sample.GetProperty("stream").GetString()!,
            sample.GetProperty("version").GetInt32());
        await TouchAsync(stream, version);
        try
        {
            (_, found, _) = await real.SendAsync("GET", "/v1/audit/evidence?controls=CC1.3", key: key);
            Assert.False(found.GetProperty("verdict").GetProperty("ok").GetBoolean());
            Assert.False(Sample(found, "ApprovalGranted").GetProperty("intact").GetBoolean());
            var (exit, words, _) = await real.AegisAsync(["audit", "evidence", "--controls", "CC1.3"], key);
            Assert.Equal(1, exit);
            Assert.Contains("NOT VERIFIED", words, StringComparison.Ordinal);
            Assert.Contains(stream, words, StringComparison.Ordinal);
        }
        finally
        {
            await TouchAsync(stream, version);
        }
    }

    [Fact]
    public async Task Period_IsFromAndNotTo_AndAnEmptyOneIsRefused()
    {
        await HappenAsync();
        var at = await real.UntilAsync("""
            SELECT to_char(max(e.at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') FROM events e
              JOIN tenants t USING (tenant_key) WHERE t.tenant_id = $1 AND e.type = 'ApprovalGranted'
            """, tenant);
        Assert.Equal(1, await GrantedAsync($"from={at}"));
        Assert.Equal(0, await GrantedAsync($"to={at}"));
        Assert.Equal(0, await GrantedAsync("from=2001-01-01T00:00:00Z&to=2001-02-01T00:00:00Z"));
        foreach (var (query, code) in ((string, string)[])[($"from={at}&to={at}", "AEGIS6030"),
            ("from=yesterday", "AEGIS6030"), ("controls=CC66", "AEGIS2653"), ("controls=CC1.2", "AEGIS2653")])
        {
            var (status, body, _) = await real.SendAsync("GET", $"/v1/audit/evidence?{query}", key: key);
            Assert.Equal((HttpStatusCode.BadRequest, code), (status, body.GetProperty("code").GetString()));
        }
    }

    [Fact]
    public async Task CommandLine_WritesFilesForAnAuditor()
    {
        await HappenAsync();
        var target = Path.Combine(folder, "out");
        var (exit, table, error) = await real.AegisAsync(
            ["audit", "evidence", "--controls", "CC8.1", "--out", target], key);
        Assert.True(exit == 0, error);
        Assert.Contains("CC8.1", table, StringComparison.Ordinal);
        Assert.Equal(["evidence.csv", "evidence.json", "evidence.md"],
            Directory.GetFiles(target).Select(Path.GetFileName).Order());
        var json = JsonElement.Parse(await File.ReadAllTextAsync(Path.Combine(target, "evidence.json")));
        var sample = Sample(json, "ApprovalGranted");
        foreach (var file in (string[])["evidence.md", "evidence.csv"])
        {
            var text = await File.ReadAllTextAsync(Path.Combine(target, file));
            Assert.Contains(sample.GetProperty("hash").GetString()!, text, StringComparison.Ordinal);
            Assert.Contains("AuditPassed", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Catalogue_NamesDoorsAndTablesThatAreThere()
    {
        var doors = real.Server.Endpoints.Endpoints.OfType<RouteEndpoint>().SelectMany(e =>
            e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Select(m =>
                $"{m} {e.RoutePattern.RawText}")
                ?? []).ToHashSet();
        Assert.Empty(ControlCatalogue.BuiltIn.Controls.SelectMany(c => c.Doors).Except(doors));
        var tables = JsonSerializer.Deserialize<string[]>(await real.UntilAsync(
            "SELECT json_agg(tablename)::text FROM pg_tables WHERE schemaname = 'aegis'"))!;
        Assert.Empty(ControlCatalogue.BuiltIn.Controls.SelectMany(c => c.Tables).Except(tables));
    }

    // a run that is approved, a call that is denied, a secret, a key that is made and revoked, a deployment
    private async Task HappenAsync()
    {
        await DoAsync("PUT", "/v1/secrets/token", new { value = "a value of some length" });
        var made = await DoAsync("POST", "/v1/keys",
            new { name = "short", scopes = new[] { "runs:read" }, project = "web" });
        await DoAsync("DELETE", $"/v1/keys/{made.GetProperty("key_id").GetString()}", null);
        await ServedFolder.DeployAsync(real.Server.Parts.DeploymentDesk,
            new Principal($"key:{keyId}", new Tenancy(tenant, "web"), []), "site", "hello");
        var started = await DoAsync("POST", "/v1/runs", new
        {
            workflow = """
                name: evidence
                steps:
                  - { id: ask, uses: flow.noop, approve: "go on?" }
                  - { id: bad, uses: shell.exec, with: { cmd: "rm -r /" }, continue_on_error: true }
                """,
        });
        var run = started.GetProperty("run_id").GetString()!;
        await real.EventsUntilAsync(run, key,
            seen => seen.Any(e => e.GetProperty("type").GetString() == "ApprovalRequested"));
        await DoAsync("POST", $"/v1/approvals/{run}.ask:grant", new { });
        await real.EndedAsync(run, key);
        await real.UntilAsync("""
            SELECT 'moved' WHERE NOT EXISTS (
              SELECT FROM secret_facts JOIN tenants t USING (tenant_key) WHERE t.tenant_id = $1)
            """, tenant);
    }

    private async Task<JsonElement> DoAsync(string method, string path, object? body)
    {
        var (status, answer, _) = await real.SendAsync(
            method, path, body is null ? null : JsonSerializer.Serialize(body), key);
        Assert.True((int)status is >= 200 and < 300, $"{method} {path}: {status} "
            + (answer.ValueKind == JsonValueKind.Undefined ? "" : answer.GetRawText()));
        return answer;
    }

    private async Task<Tenancy> OtherAsync()
    {
        var other = new Tenancy($"o{Guid.CreateVersion7():n}"[..20], "web");
        await real.ProjectAsync(other);
        return other;
    }

    private async Task<int> GrantedAsync(string query)
    {
        var (_, found, _) = await real.SendAsync("GET", $"/v1/audit/evidence?controls=CC1.3&{query}",
            key: key);
        return Type(found, "ApprovalGranted").GetProperty("count").GetInt32();
    }

    // swaps two bytes of the stored payload; twice is as it was
    private Task TouchAsync(string stream, int version) => real.DoAsync("""
        UPDATE events e SET payload = set_byte(e.payload, 2, get_byte(e.payload, 2) # 1)
          FROM streams s WHERE s.stream_key = e.stream_key AND s.stream_id = $1 AND e.version = $2
        """, stream, version);

    private static JsonElement Control(JsonElement found, string id) =>
        found.GetProperty("controls").EnumerateArray().Single(c => c.GetProperty("id").GetString() == id);

    private static JsonElement Type(JsonElement found, string type) => found.GetProperty("controls")
        .EnumerateArray().SelectMany(c => c.GetProperty("events").EnumerateArray())
        .First(e => e.GetProperty("type").GetString() == type);

    private static JsonElement Sample(JsonElement found, string type) =>
        Type(found, type).GetProperty("sample")[0];
}
