using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Aegis.Attack.Tests.Support;
using Xunit.Abstractions;

namespace Aegis.Attack.Tests.Doors;

/// <summary>Every door of the server, tried with what belongs to another project and to another tenant. After
/// each test the victims' rows are, byte for byte, what they were.</summary>
[Collection(WorldGroup.Name)]
public sealed partial class DoorAttackTests(WorldFixture world, ITestOutputHelper output) : IAsyncLifetime
{
    private readonly List<(Holding Victim, SortedDictionary<string, long> Sums)> before = [];

    private AttackFixture Server => world.Server;

    private List<Door> Doors { get; set; } = [];

    // tools are the installation's, and queues of everybody have the same names
    private IEnumerable<Door> WithIds =>
        Doors.Where(d => !d.IsOpen && d.Parameters.Any(p => p is not ("tool" or "queue")));

    public async Task InitializeAsync()
    {
        Doors = await Door.AllAsync(Server);
        await QuietAsync();
        foreach (var victim in world.Victims)
        {
            before.Add((victim, await SumsAsync(victim)));
        }
    }

    public async Task DisposeAsync()
    {
        foreach (var (victim, sums) in before)
        {
            var difference = LedgerState.Difference(sums, await SumsAsync(victim));
            Assert.True(difference.Length == 0, $"{victim.Tenant}/{victim.Project} changed: {difference}");
        }
    }

    [Fact]
    public async Task OwnIds_OpenTheirDoors_OrTheAttacksProveNothing()
    {
        foreach (var door in WithIds.Where(d => d.Method == "GET"))
        {
            var reply = await SendAsync(door, door.Filled(world.Attacker.Ids), world.Attacker.Key);
            // GitHub's word for "not merged" is 404
            Assert.True((int)reply.Status is 200 or 204
                || door.Path.EndsWith("/merge", StringComparison.Ordinal),
                $"{door}: {(int)reply.Status} {reply.Text}");
        }
    }

    [Fact]
    public async Task ForeignIds_AreAnsweredAsIdsThatNeverWere()
    {
        var tried = 0;
        foreach (var (door, victim, key, headers) in Attempts())
        {
            var ids = Mixed(victim, door);
            var never = ids.ToDictionary(i => i.Key, i => Changed(i.Key, i.Value));
            var foreign = await SendAsync(door, door.Filled(ids), key, headers);
            var nothing = await SendAsync(door, door.Filled(never), key, headers);
            Assert.True(foreign.Status == nothing.Status && Blank(foreign, ids) == Blank(nothing, never),
                $"{door}: {foreign.Text}\nbut for what never was: {nothing.Text}");
            Assert.True(door.MakesWhatItNames || (int)foreign.Status is >= 400 and < 500,
                $"{door}: {(int)foreign.Status} {foreign.Text}");
            tried++;
        }
        output.WriteLine($"{tried} attempts at {WithIds.Count()} doors");
        Assert.True(tried >= 150, $"only {tried}");
    }

    [Fact]
    public async Task ForgedTenancies_AreRefusedAlike_WhereverTheyStand()
    {
        foreach (var door in Doors.Where(d => !d.IsOpen))
        {
            foreach (var (tenant, project) in new[]
                { ("rival", "web"), ("acme", "other"), ("nobody", "web") })
            {
                var path = door.Filled(world.Attacker.Ids);
                var mark = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
                await RefusedAsync(door, path, ("X-Aegis-Tenant", tenant), ("X-Aegis-Project", project));
                await RefusedAsync(door, $"{path}{mark}tenant_id={tenant}&project_id={project}");
            }
        }
    }

    [Fact]
    public async Task ForgedTenancies_InBodies_AreRefused()
    {
        // a message to /mcp names them in its _meta: McpDoorTests
        // where a body belongs to another protocol such a member claims nothing: GatewayAttackTests
        var doors = Doors.Where(d => !d.IsOpen && !d.IsForge && !d.IsOfAnotherProtocol && d.Body is not null
            && d.Path != "/mcp").ToList();
        Assert.True(doors.Count >= 15, $"only {doors.Count} doors read a body");
        foreach (var door in doors)
        {
            foreach (var (member, value) in new[] { ("tenant_id", "rival"), ("project_id", "other") })
            {
                var body = new Dictionary<string, object>(door.Body!) { [member] = value };
                var reply = await SendAsync(door, door.Filled(world.Attacker.Ids), world.Attacker.Key,
                    body: JsonSerializer.Serialize(body));
                // what is the machine's, such as tenants and local models, is the operator's alone
                Assert.True(reply.Code is "AEGIS6012"
                    || (reply.Code is "AEGIS6011" && door.Scope is "operator:tenants"),
                    $"{door}: {(int)reply.Status} {reply.Text}");
            }
        }
    }

    [Fact]
    public async Task OddForms_OfForeignIds_ReachNothing()
    {
        foreach (var door in WithIds.Where(d => !d.MakesWhatItNames))
        {
            // the last of them that is the stranger's alone
            var named = door.Parameters.Last(p => world.Stranger.Ids[p] != world.Attacker.Ids[p]);
            foreach (var form in Forms(world.Stranger.Ids[named]))
            {
                var ids = new Dictionary<string, string>(world.Attacker.Ids) { [named] = form };
                var reply = await SendAsync(door, door.Filled(ids), world.Attacker.Key);
                Assert.True((int)reply.Status is >= 400 and < 500,
                    $"{door} {form}: {(int)reply.Status} {reply.Text}");
                Unmarked(reply, door, world.Stranger.Ids[named]);
            }
        }
    }

    [Fact]
    public async Task Lists_NeverShowOrCountWhatIsForeign()
    {
        var lists = Doors.Where(d => d.Method == "GET" && d.Parameters.All(p => p == "queue") && !d.IsOpen)
            .ToList();
        Assert.True(lists.Count >= 8, $"{lists.Count} lists");
        // evidence is of a time, which ends now where nothing is said
        var until = Uri.EscapeDataString($"{TimeProvider.System.GetUtcNow():O}");
        string Path(Door door) => door.Path == "/v1/audit/evidence"
            ? $"{door.Path}?from=2000-01-01T00:00:00Z&to={until}" : door.Filled(world.Attacker.Ids);
        var seen = new Dictionary<Door, string>();
        foreach (var door in lists)
        {
            seen[door] = Shown(await SendAsync(door, Path(door), world.Attacker.Key));
        }
        await world.Neighbour.AddMoreAsync();
        await world.Stranger.AddMoreAsync();
        await QuietAsync();
        before.Clear();
        foreach (var door in lists)
        {
            var reply = await SendAsync(door, Path(door), world.Attacker.Key);
            Unmarked(reply, door, "");
            Assert.Equal($"{door}: {seen[door]}", $"{door}: {Shown(reply)}");
        }
    }

    [Fact]
    public async Task Cursors_OfOtherTenants_ShowOwnThingsOnly()
    {
        foreach (var path in new[] { "/v1/runs", "/v1/approvals" })
        {
            var page = await Server.SendAsync("GET", $"{path}?limit=1", world.Stranger.Key);
            if (page.Json.TryGetProperty("next", out var next))
            {
                var reply = await Server.SendAsync("GET", $"{path}?cursor={next.GetString()}",
                    world.Attacker.Key);
                Unmarked(reply, Doors.Single(d => $"{d}" == $"GET {path}"), "cursor");
            }
        }
    }

    private IEnumerable<(Door Door, Holding Victim, string Key, (string, string)[] Headers)> Attempts()
    {
        foreach (var door in WithIds.Where(d => !d.MakesWhatItNames))
        {
            foreach (var victim in world.Victims)
            {
                yield return (door, victim, world.Attacker.Key, []);
                // a key of a whole tenant keeps its keys, whichever project a request chooses
                if (!door.Parameters.Contains("project")
                    && !(door.Parameters.Contains("key") && victim.Tenant == world.Attacker.Tenant))
                {
                    yield return (door, victim, world.WideKey, [("X-Aegis-Project", world.Attacker.Project)]);
                }
            }
        }
    }

    /// <summary>The victim's ids; the project stays the attacker's, or the door would not be
    /// reached.</summary>
    private Dictionary<string, string> Mixed(Holding victim, Door door) => door.Parameters.ToDictionary(
        p => p, p => p == "project" ? world.Attacker.Project : victim.Ids[p]);

    // of the same length and form: only the last characters differ
    internal static string Changed(string parameter, string id) => parameter switch
    {
        "project" or "step" or "tool" or "queue" => id,
        "number" or "check" => "999999",
        "commit" => Changed("", id[..40]) + id[40..],
        "task" or "approval" => Changed("", id[..^4]) + id[^4..],
        _ => id[..^4] + new string([.. id[^4..].Select(c => c == '0' ? '1' : '0')]),
    };

    /// <summary>The answer without the ids that were asked for.</summary>
    private static string Blank(Reply reply, Dictionary<string, string> ids) => ids
        .Where(i => i.Key is not ("project" or "step" or "number" or "check" or "tool" or "queue"))
        .OrderByDescending(i => i.Value.Length)
        .Aggregate(reply.Text, (text, id) => text.Replace(id.Value, "ID", StringComparison.Ordinal));

    private static IEnumerable<string> Forms(string id) =>
    [
        id, id.ToUpperInvariant(), $"{id}%00", $"{id}%20", $"%2e%2e%2f{id}", $"..%2f..%2f{id}",
        $"{id}%2f..%2f{id}", $"{id};a=b", $"{id}%0a", $"%c0%ae%c0%ae%2f{id}", $"{id}%2523", $"{id}%3Fx",
        "%25", "*", "'%20OR%20'1'='1",
        $"{id}%F0%9F%98%80", Uri.EscapeDataString($"{id}' OR tenant_key IS NOT NULL --"),
    ];

    private async Task RefusedAsync(Door door, string path, params (string, string)[] headers)
    {
        var reply = await SendAsync(door, path, world.Attacker.Key, headers);
        Assert.True((int)reply.Status == 403, $"{door} {path}: {(int)reply.Status} {reply.Text}");
        Assert.True(door.IsForge || reply.Code is "AEGIS6012", $"{door} {path}: {reply.Text}");
    }

    // an export begins with its time, and its checkpoints are signed over the whole installation: what they
    // tell of others is a hash for each project and how far the ledger has come (docs/limits.md)
    /// <summary>Without what changes by itself: checkpoints, and the caller's own webhook, which goes on to
    /// be tried and uses its secret each time.</summary>
    private static string Shown(Reply reply)
    {
        var lines = reply.Text.Split('\n').Where(line =>
            !line.StartsWith("{\"kind\":\"header\"", StringComparison.Ordinal)
            && !line.StartsWith("{\"kind\":\"checkpoint\"", StringComparison.Ordinal)).ToList();
        var tried = lines.RemoveAll(line => line.StartsWith("{\"kind\":\"event\"", StringComparison.Ordinal)
            && line.Contains("\"type\":\"SecretUsed\"", StringComparison.Ordinal));
        var end = lines.FindIndex(line => line.StartsWith("{\"kind\":\"end\"", StringComparison.Ordinal));
        if (end >= 0)
        {
            var count = JsonNode.Parse(lines[end])!;
            count["events"] = count["events"]!.GetValue<int>() - tried;
            lines[end] = count.ToJsonString();
        }
        // a verdict counts them too
        return VerdictCounts().Replace(string.Join('\n', lines), "");
    }

    [GeneratedRegex("\"events\":[0-9]+,\"erased\":[0-9]+,\"checkpoints\":[0-9]+,"
        + "(\"key_fingerprint\":\"[0-9a-f]+\",)?", RegexOptions.CultureInvariant)]
    private static partial Regex VerdictCounts();

    private void Unmarked(Reply reply, Door door, string asked)
    {
        var text = asked.Length == 0 ? reply.Text
            : reply.Text.Replace(asked, "", StringComparison.OrdinalIgnoreCase);
        foreach (var victim in world.Victims)
        {
            Assert.False(text.Contains(victim.Mark, StringComparison.OrdinalIgnoreCase)
                || text.Contains(victim.Ids["run"], StringComparison.Ordinal),
                $"{door} {asked} shows what is {victim.Tenant}/{victim.Project}'s: {reply.Text}");
        }
    }

    private Task<Reply> SendAsync(Door door, string path, string key, (string, string)[]? headers = null,
        string? body = null)
    {
        if (door.Path.EndsWith("/info/refs", StringComparison.Ordinal))
        {
            path += path.Contains('?', StringComparison.Ordinal) ? "&service=git-upload-pack"
                : "?service=git-upload-pack";
        }
        var bytes = body is not null ? System.Text.Encoding.UTF8.GetBytes(body)
            : door.Method is "GET" or "DELETE" ? null
            : JsonSerializer.SerializeToUtf8Bytes(door.Body ?? []);
        return Server.SendAsync(door.Method, path, key, bytes, "application/json", headers ?? []);
    }

    private async Task<SortedDictionary<string, long>> SumsAsync(Holding victim) =>
        await LedgerState.SumsAsync(Server.Ledger.Super, victim.Keys.Tenant, victim.Keys.Project);

    /// <summary>Waits until no more rows are on their way.</summary>
    private async Task QuietAsync()
    {
        List<SortedDictionary<string, long>> last, now = [];
        var still = 0;
        for (var tries = 0; still < 3; tries++)
        {
            Assert.True(tries < 200, "the ledger does not come to rest");
            (last, now) = (now, []);
            await Server.Ledger.ExecuteAsync("SELECT pg_sleep(0.1)");
            foreach (var victim in world.Victims)
            {
                now.Add(await SumsAsync(victim));
            }
            still = now.Zip(last).Count(p => LedgerState.Difference(p.First, p.Second).Length == 0)
                == now.Count ? still + 1 : 0;
        }
    }
}
