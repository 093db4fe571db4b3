using System.Text;
using System.Text.Json;
using Aegis.Attack.Fuzzing;
using Aegis.Attack.Tests.Support;

namespace Aegis.Attack.Tests.Doors;

/// <summary>Idempotency keys are chosen by their senders, so everybody can guess them: another's must neither
/// give his answer away nor stand in his way, and what is kept holds no secret.</summary>
[Collection(WorldGroup.Name)]
public sealed class IdempotencyAttackTests(WorldFixture world)
{
    private const string Header = "Idempotency-Key";
    private const string Start = """{"workflow":"name: keyed\nsteps: [{id: a, uses: flow.noop}]"}""";
    private readonly string text = Guid.NewGuid().ToString();

    private AttackFixture Server => world.Server;

    [Fact]
    public async Task SameKey_OfAnotherTenantProjectOrApiKey_IsAnotherKey_WhoeverComesFirst()
    {
        var second = await Server.KeyAsync(world.Attacker.Tenant, world.Attacker.Project, "admin:*");
        string[] senders =
            [world.Attacker.Key, second, world.Neighbour.Key, world.Stranger.Key, world.StrangersOther.Key];
        var runs = new Dictionary<string, string>();
        foreach (var sender in senders)
        {
            var first = await PostAsync("/v1/runs", sender, text, Start);
            Assert.True((int)first.Status == 202 && !first.IsReplayed, first.Text);
            runs[sender] = first.Member("run_id");
        }
        Assert.Equal(senders.Length, runs.Values.Distinct().Count());
        foreach (var sender in senders)
        {
            // each one's own answer comes back to him, so there was something to be stolen
            var again = await PostAsync("/v1/runs", sender, text, Start);
            Assert.Equal((202, true, runs[sender]),
                ((int)again.Status, again.IsReplayed, again.Member("run_id")));
        }
    }

    /// <summary>A key that covers a whole tenant says which project it means: the same text is a key of each.
    /// Forged headers choose no other one.</summary>
    [Fact]
    public async Task SameKey_OfOneApiKeyInTwoProjects_IsTwo_AndForgedTenanciesAreNone()
    {
        var runs = new List<string>();
        foreach (var project in new[] { world.Attacker.Project, world.Neighbour.Project })
        {
            var reply = await PostAsync("/v1/runs", world.WideKey, text, Start, ("X-Aegis-Project", project));
            Assert.True((int)reply.Status == 202 && !reply.IsReplayed, reply.Text);
            runs.Add(reply.Member("run_id"));
        }
        Assert.NotEqual(runs[0], runs[1]);
        await PostAsync("/v1/runs", world.Stranger.Key, text, Start);
        foreach (var forged in new[]
            { ("X-Aegis-Tenant", world.Stranger.Tenant), ("X-Aegis-Project", "lab") })
        {
            var reply = await PostAsync("/v1/runs", world.Attacker.Key, text, Start, forged);
            Assert.Equal((403, false), ((int)reply.Status, reply.IsReplayed));
        }
    }

    [Fact]
    public async Task ForeignRunsId_AsKey_IsAKeyLikeAnyOther()
    {
        foreach (var victim in world.Victims)
        {
            var reply = await PostAsync("/v1/runs", world.Attacker.Key, victim.Ids["run"], Start);
            Assert.Equal((202, false), ((int)reply.Status, reply.IsReplayed));
            Assert.NotEqual(victim.Ids["run"], reply.Member("run_id"));
        }
    }

    [Fact]
    public async Task Key_WithAnotherRequest_IsRefused_AndDoesNothing()
    {
        var run = (await PostAsync("/v1/runs", world.Attacker.Key, text, Start)).Member("run_id");
        var before = await RunsAsync();
        foreach (var (path, body) in new[]
        {
            ("/v1/runs", Start.Replace("keyed", "other", StringComparison.Ordinal)),
            ("/v1/runs", Start + " "),
            ("/v1/runs", "{}"), ("/v1/plans:create", Start), ("/v1/repos", """{"id":"keyed"}"""),
            ($"/v1/runs/{run}:retry", Start), ("/v1/tools/flow.noop:invoke", "{}"),
            ("/v1/%72uns?", Start.Replace("keyed", "else", StringComparison.Ordinal)),
        })
        {
            var reply = await PostAsync(path, world.Attacker.Key, text, body);
            Assert.True(reply.Code is "AEGIS6072" && !reply.IsReplayed, $"{path}: {reply.Text}");
        }
        Assert.Equal(before, await RunsAsync());
    }

    /// <summary>What the key's own scopes do not open, a kept answer does not open either.</summary>
    [Fact]
    public async Task Key_OfAnApiKeyThatIsGone_ReplaysNothing()
    {
        var made = await Server.Ledger.Tenants.CreateKeyAsync(
            world.Attacker.Tenant, world.Attacker.Project, "short", ["runs:write", "plans:write"], default);
        Assert.Equal(202, (int)(await PostAsync("/v1/runs", made.Secret, text, Start)).Status);
        Assert.True((await PostAsync("/v1/runs", made.Secret, text, Start)).IsReplayed);
        await Server.SendAsync("DELETE", $"/v1/keys/{made.KeyId}", world.Attacker.Key);
        var reply = await PostAsync("/v1/runs", made.Secret, text, Start);
        Assert.Equal((401, false), ((int)reply.Status, reply.IsReplayed));
    }

    [Theory]
    [InlineData("' OR '1'='1", 400)]
    [InlineData("'OR'1'='1'--", 202)]
    [InlineData("%00%0a\\u0000${jndi:x}", 202)]
    [InlineData("a\0b", 400)]
    [InlineData("a\u0001", 400)]
    [InlineData("a\tb", 400)]
    [InlineData("\u00e9", 400)]
    [InlineData("\u00ff\u00fe", 400)]
    [InlineData("a\u007f", 400)]
    [InlineData("", 400)]
    [InlineData("a\r\nIdempotency-Key: b", 400)]
    [InlineData("a\r\n X-Folded: b", 400)]
    public async Task Key_OfOddBytes_IsTakenToTheByteOrRefused(string odd, int expected)
    {
        odd = odd.Length > 0 && expected == 202 ? $"{odd}{text}" : odd;
        var raw = new RawCalls(new Random(1), Server.Server.Url, world.Attacker.Key);
        var before = await RunsAsync();
        var request = Encoding.Latin1.GetBytes($"POST /v1/runs HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            + $"Authorization: Bearer {world.Attacker.Key}\r\nContent-Type: application/json\r\n"
            + $"{Header}: {odd}\r\nContent-Length: {Start.Length}\r\n\r\n{Start}");
        var answers = new List<string>();
        for (var times = 0; times < 2; times++)
        {
            answers.Add(await raw.SendAsync(request, default, saysEnd: false));
            Assert.StartsWith($"HTTP/1.1 {expected}", answers[^1], StringComparison.Ordinal);
        }
        Assert.Equal(expected == 202,
            answers[1].Contains("Idempotent-Replayed: true", StringComparison.Ordinal));
        Assert.Equal(before + (expected == 202 ? 1 : 0), await RunsAsync());
    }

    [Fact]
    public async Task KeptAnswers_HoldNoSecret_AndDoorsThatShowOneTakeNoKey()
    {
        var (mine, kept) = (world.Attacker, "POST");
        var refusing = new List<string>();
        foreach (var door in (await Door.AllAsync(Server)).Where(d => d is { IsOpen: false, IsForge: false }
            && d.Method == kept))
        {
            var reply = await PostAsync(door.Filled(mine.Ids), mine.Key, Guid.NewGuid().ToString(),
                JsonSerializer.Serialize(door.Body ?? []));
            if (reply.Code is "AEGIS6075")
            {
                refusing.Add(door.Path);
            }
        }
        Assert.Contains("/v1/keys", refusing);
        await PostAsync(
            "/v1/repos", mine.Key, text, JsonSerializer.Serialize(new { id = $"seen-{text[..8]}" }));
        // a text that was answered is found there, so a secret would be
        Assert.Equal(1, await KeptAsync($"seen-{text[..8]}"));
        foreach (var holding in new[] { mine }.Concat(world.Victims))
        {
            foreach (var secret in new[] { holding.Key, holding.HookSecret, $"value {holding.Mark}" })
            {
                Assert.Equal(0, await KeptAsync(secret));
            }
        }
        Assert.Equal(0, await KeptAsync(world.WideKey[..10]));
    }

    private Task<long> KeptAsync(string secret) => Server.Ledger.ScalarAsync<long>(
        "SELECT count(*) FROM idempotency_keys WHERE position(convert_to($1, 'UTF8') in body) > 0", secret);

    private Task<long> RunsAsync() => Server.Ledger.ScalarAsync<long>(
        "SELECT count(*) FROM streams WHERE tenant_key = $1 AND project_key = $2 AND stream_id LIKE 'run_%'",
        world.Attacker.Keys.Tenant, world.Attacker.Keys.Project);

    private Task<Reply> PostAsync(string path, string key, string idempotencyKey, string body,
        params (string, string)[] headers) => Server.SendAsync("POST", path, key,
            Encoding.UTF8.GetBytes(body), "application/json", [.. headers, (Header, idempotencyKey)]);
}
