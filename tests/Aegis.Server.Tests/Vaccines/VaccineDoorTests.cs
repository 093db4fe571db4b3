using System.Net;
using System.Text.Json;
using Aegis.Core;
using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests.Vaccines;

/// <summary>Vaccines by doors, tools and command line: who sees them, who may what.</summary>
[Collection(RealServerGroup.Name)]
public sealed class VaccineDoorTests(RealServer real) : IAsyncLifetime
{
    private readonly string tenant = $"d{Guid.CreateVersion7():n}"[..20];
    private string shop = "";
    private string blog = "";
    private string rival = "";

    public async Task InitializeAsync()
    {
        shop = await KeyAsync(tenant, "shop");
        blog = await KeyAsync(tenant, "blog");
        rival = await KeyAsync(tenant + "x", "shop");
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Other_TenantsAndProjects_SeeOnlyWhatIsTheirs()
    {
        var own = await MintAsync(shop, "project", "git push --force");
        var shared = await MintAsync(shop, "tenant", "npm publish");
        // the control: who it belongs to sees it and is stopped
        Assert.Equal([shared, own], await ListAsync(shop));
        Assert.Equal("AEGIS2620", await SpawnAsync(shop, "git", "push", "--force"));
        Assert.Equal([shared], await ListAsync(blog));
        Assert.NotEqual("AEGIS2620", await SpawnAsync(blog, "git", "push", "--force"));
        Assert.Equal("AEGIS2620", await SpawnAsync(blog, "npm", "publish"));
        Assert.Empty(await ListAsync(rival));
        Assert.NotEqual("AEGIS2620", await SpawnAsync(rival, "npm", "publish"));
        foreach (var (path, body) in Acts(shared))
        {
            Assert.Equal(HttpStatusCode.NotFound,
                (await real.SendAsync(body is null ? "GET" : "POST", path, body, rival)).Status);
        }
        Assert.Equal("", await SearchAsync(rival, "publish a package"));
        Assert.Contains(shared, await SearchAsync(blog, "publishing packages"), StringComparison.Ordinal);
        Assert.Equal("active", (await real.SendAsync("GET", $"/v1/vaccines/{shared}", key: blog)).Body
            .GetProperty("status").GetString());
    }

    [Fact]
    public async Task Global_IsTheOperators_AndBindsOnlyOnceConfirmed()
    {
        var refused = await SendMintAsync(shop, "global", "curl evil.example");
        Assert.Equal((HttpStatusCode.Forbidden, "AEGIS2627"),
            (refused.Status, refused.Body.GetProperty("code").GetString()));
        var op = await real.KeyAsync("acme", "operator:tenants", "vaccines:*");
        var id = await MintAsync(op, "global", "curl evil.example");
        Assert.Equal("", await SearchAsync(rival, "curl evil"));
        Assert.NotEqual("AEGIS2620", await SpawnAsync(rival, "curl", "evil.example"));
        Assert.Equal("AEGIS2627", (await real.SendAsync(
            "POST", $"/v1/vaccines/{id}:promote", key: rival)).Body.GetProperty("code").GetString());
        Assert.Equal(HttpStatusCode.OK,
            (await real.SendAsync("POST", $"/v1/vaccines/{id}:promote", key: op)).Status);
        var other = await KeyAsync(tenant + "y", "shop");
        Assert.Equal("AEGIS2620", await SpawnAsync(other, "curl", "evil.example"));
        Assert.Equal(1, (await real.SendAsync("POST", $"/v1/vaccines/{id}:report",
            """{"reason":"r"}""", other)).Body.GetProperty("blocked_good").GetInt64());
        Assert.Equal("AEGIS2627", (await real.SendAsync("POST", $"/v1/vaccines/{id}:revoke",
            """{"reason":"r"}""", other)).Body.GetProperty("code").GetString());
        Assert.Equal(HttpStatusCode.OK, (await real.SendAsync(
            "POST", $"/v1/vaccines/{id}:revoke", """{"reason":"r"}""", op)).Status);
    }

    [Fact]
    public async Task SameMistakeAgain_IsMerged_AndARevokedOneIsNotKeptAgain()
    {
        var id = await MintAsync(shop, "project", "rm -rf build");
        var again = await SendMintAsync(shop, "project", "rm -rf build");
        Assert.Equal((HttpStatusCode.OK, id, 2L, 1L), (again.Status,
            again.Body.GetProperty("vaccine_id").GetString(), again.Body.GetProperty("hits").GetInt64(),
            again.Body.GetProperty("recurred").GetInt64()));
        var promoted = await real.SendAsync("POST", $"/v1/vaccines/{id}:promote", key: shop);
        Assert.Equal("tenant", promoted.Body.GetProperty("scope").GetString());
        Assert.Equal([id], await ListAsync(blog));
        Assert.Equal("AEGIS2628", (await real.SendAsync("POST", $"/v1/vaccines/{id}:promote", key: shop)).Body
            .GetProperty("code").GetString());
        Assert.Equal(HttpStatusCode.OK, (await real.SendAsync(
            "POST", $"/v1/vaccines/{id}:revoke", """{"reason":"it stops good code"}""", blog)).Status);
        Assert.NotEqual("AEGIS2620", await SpawnAsync(shop, "rm", "-rf", "build"));
        Assert.Equal("AEGIS2626", (await SendMintAsync(shop, "project", "rm -rf build")).Body
            .GetProperty("code").GetString());
        await real.UntilAsync("""
            SELECT 'yes' FROM events WHERE convert_from(payload, 'UTF8')::jsonb ->> 'vaccine_id' = $1
            HAVING string_agg(type, ' ' ORDER BY type)
              = 'VaccineMerged VaccineMinted VaccinePromoted VaccineRevoked'
            """, id);
    }

    [Fact]
    public async Task CommandLine_DoesWhatTheDoorsDo()
    {
        var good = Path.Combine(real.Home, "good.sh");
        var bad = Path.Combine(real.Home, "bad.sh");
        await File.WriteAllTextAsync(good, "terraform plan");
        await File.WriteAllTextAsync(bad, "terraform destroy -auto-approve");
        var (exit, said, error) = await real.AegisAsync(["vaccines", "add",
            "--pattern", "destroying without a yes", "--solution", "Plan first",
            "--failing", bad, "--fixed", good,
            "--check", """{"kind":"command","command":"terraform destroy"}""", "--json"], shop);
        Assert.True(exit == 0, error);
        var id = JsonElement.Parse(said).GetProperty("vaccine_id").GetString()!;
        var listed = await real.AegisAsync(["vaccines", "list"], shop);
        Assert.True(listed.Exit == 0, listed.Error);
        Assert.Contains(id, listed.Output, StringComparison.Ordinal);
        Assert.Contains(id, (await real.AegisAsync(["vaccines", "search", "destroy the plan"], shop)).Output,
            StringComparison.Ordinal);
        Assert.Contains("Plan first", (await real.AegisAsync(["vaccines", "show", id], shop)).Output,
            StringComparison.Ordinal);
        Assert.Equal(0, (await real.AegisAsync(["vaccines", "report", id, "--reason", "r"], shop)).Exit);
        Assert.Equal(0, (await real.AegisAsync(["vaccines", "promote", id], shop)).Exit);
        Assert.Equal(0, (await real.AegisAsync(["vaccines", "revoke", id, "--reason", "r"], shop)).Exit);
        Assert.NotEqual(0, (await real.AegisAsync(["vaccines", "revoke", id, "--reason", "r"], shop)).Exit);
    }

    private static IEnumerable<(string Path, string? Body)> Acts(string id) =>
    [
        ($"/v1/vaccines/{id}", null), ($"/v1/vaccines/{id}:revoke", """{"reason":"r"}"""),
        ($"/v1/vaccines/{id}:report", """{"reason":"r"}"""), ($"/v1/vaccines/{id}:promote", ""),
    ];

    private async Task<string> KeyAsync(string of, string project)
    {
        await real.ProjectAsync(new Tenancy(of, project));
        return (await real.MakeKeyAsync(new Tenancy(of, project))).Secret;
    }

    private async Task<string> MintAsync(string key, string scope, string command)
    {
        var minted = await SendMintAsync(key, scope, command);
        Assert.True(minted.Status == HttpStatusCode.Created, minted.Body.GetRawText());
        return minted.Body.GetProperty("vaccine_id").GetString()!;
    }

    private Task<(HttpStatusCode Status, JsonElement Body, string? Location)> SendMintAsync(
        string key, string scope, string command) => real.SendAsync("POST", "/v1/vaccines",
        JsonSerializer.Serialize(new
        {
            scope, error_pattern = $"a package or data is published by {command}",
            solution_instruction = "Ask first", failing_code = command,
            check = new { kind = "command", command },
        }), key);

    private async Task<IEnumerable<string?>> ListAsync(string key) =>
        (await real.SendAsync("GET", "/v1/vaccines?scope=project", key: key)).Body.GetProperty("items")
            .EnumerateArray().Concat((await real.SendAsync("GET", "/v1/vaccines?scope=tenant", key: key)).Body
                .GetProperty("items").EnumerateArray()).Select(v => v.GetProperty("vaccine_id").GetString())
            .OrderDescending(StringComparer.Ordinal);

    private async Task<string> SearchAsync(string key, string query)
    {
        var found = await real.SendAsync("POST", "/v1/tools/vaccine.search:invoke",
            JsonSerializer.Serialize(new { input = new { query, budget_tokens = 500 } }), key);
        Assert.True(found.Status == HttpStatusCode.OK, found.Body.GetRawText());
        return string.Join('\n', found.Body.GetProperty("outputs").GetProperty("security_vaccines")
            .EnumerateArray().Select(l => l.GetString())
            .Where(l => l!.Contains("published", StringComparison.Ordinal)));
    }

    /// <summary>AEGIS2620 where a vaccine decides; else empty.</summary>
    private async Task<string> SpawnAsync(string key, params string[] argv)
    {
        var told = await real.SendAsync("POST", "/v1/policy:explain", JsonSerializer.Serialize(new
        {
            tool = "process.spawn", input = new { name = "a", command = argv[0], args = argv[1..] },
            policy = new { allow_commands = new[] { argv[0] } },
        }), key);
        Assert.True(told.Status == HttpStatusCode.OK, told.Body.GetRawText());
        return told.Body.GetProperty("stage").GetString() == "vaccines" ? "AEGIS2620" : "";
    }
}
