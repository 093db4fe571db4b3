using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Aegis.Attack.Tests.Support;
using Aegis.Core;
using Aegis.Server.Artifacts;

namespace Aegis.Attack.Tests.Doors;

/// <summary>Links that need no key: only what this server signed opens anything, only what it was signed for,
/// and only as long as it says.</summary>
[Collection(WorldGroup.Name)]
public sealed class DownloadAttackTests(WorldFixture world) : IAsyncLifetime
{
    private const string Shared = "shared-notes";

    // tenant, project, artifact, version, seconds
    private const int ArtifactField = 2;
    private const int VersionField = 3;
    private const int ExpiresField = 4;
    private string link = "";

    private AttackFixture Server => world.Server;

    private string Token => link["/v1/downloads/".Length..];

    /// <summary>The same id in every project, so that only the signature says whose it is.</summary>
    public async Task InitializeAsync()
    {
        foreach (var holding in new[] { world.Attacker }.Concat(world.Victims))
        {
            var reply = await Server.SendAsync("POST", "/v1/artifacts", holding.Key, JsonSerializer.Serialize(
                new { id = Shared, path = "notes.md", content = $"of {holding.Mark}" }));
            Assert.True((int)reply.Status is 200 or 201, reply.Text);
        }
        link = await LinkAsync(world.Attacker, Shared);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Link_OpensItsOwnVersion_WithoutAnyKey()
    {
        foreach (var holding in new[] { world.Attacker }.Concat(world.Victims))
        {
            var reply = await GetAsync(await LinkAsync(holding, Shared));
            Assert.Equal(200, (int)reply.Status);
            Assert.EndsWith($"of {holding.Mark}", reply.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Link_WithAnyCharacterChanged_IsNone()
    {
        var never = await GetAsync("/v1/downloads/x.y");
        Assert.Equal("AEGIS6102", never.Code);
        for (var at = 0; at < Token.Length; at++)
        {
            var other = Token[at] == 'A' ? 'B' : 'A';
            var reply = await GetAsync($"/v1/downloads/{Token[..at]}{other}{Token[(at + 1)..]}");
            Assert.True((never.Status, never.Text) == (reply.Status, reply.Text), $"{at}: {reply.Text}");
        }
    }

    /// <summary>What the text says is read by everybody; the signature of one text is none of
    /// another's.</summary>
    [Fact]
    public async Task Link_RewrittenForSomethingElse_IsNone()
    {
        var fields = Fields();
        var later = long.Parse(fields[ExpiresField], CultureInfo.InvariantCulture) + 3_600;
        List<string[]> rewritten =
        [
            With(fields, ExpiresField, $"{later}"), With(fields, ExpiresField, "9223372036854775807"),
            With(fields, VersionField, "2"), With(fields, VersionField, "-1"), [.. fields, "x"], fields[..4],
            [""], ["\n\n\n\n"],
        ];
        foreach (var victim in world.Victims)
        {
            rewritten.Add([victim.Tenant, victim.Project, .. fields[2..]]);
            rewritten.Add([victim.Tenant, victim.Project, victim.Ids["artifact"], .. fields[3..]]);
            rewritten.Add(With(fields, ArtifactField, victim.Ids["artifact"]));
            rewritten.Add(With(fields, ArtifactField, $"../../{victim.Tenant}/{victim.Project}/{Shared}"));
        }
        var mac = Token[(Token.IndexOf('.', StringComparison.Ordinal) + 1)..];
        // keys that an attacker has, or could think of
        byte[][] keys =
        [
            [], new byte[32], "aegis"u8.ToArray(), Encoding.UTF8.GetBytes(mac),
            Encoding.UTF8.GetBytes(world.Attacker.Key), Encoding.UTF8.GetBytes(world.Attacker.HookSecret),
        ];
        foreach (var text in rewritten.Select(f => Encoding.UTF8.GetBytes(string.Join('\n', f))))
        {
            var head = Base64Url.EncodeToString(text);
            byte[][] hashes =
                [SHA256.HashData(text), .. keys.Select(k => HMACSHA256.HashData(k, text))];
            string[] macs =
                [mac, "", new string('A', mac.Length), .. hashes.Select(h => Base64Url.EncodeToString(h))];
            foreach (var forged in macs)
            {
                var reply = await GetAsync($"/v1/downloads/{head}.{forged}");
                Assert.True((int)reply.Status is >= 400 and < 500,
                    $"{Encoding.UTF8.GetString(text)}: {reply.Text}");
            }
        }
    }

    [Fact]
    public async Task Link_InOddForms_IsTheSameOrNone()
    {
        foreach (var form in new[]
        {
            Token.ToUpperInvariant(), $"{Token}=", $"{Token}.", $"{Token}.{Token}", $"{Token}%00",
            $"{Token}%0a", $"%20{Token}", $"{Token}%20", Token.Replace('.', ','), $"..%2f{Token}",
            $"{Token}%2f..%2f{Token}", new string('A', 4_000), "%F0%9F%98%80", "%ff",
        })
        {
            var reply = await GetAsync($"/v1/downloads/{form}");
            Assert.True((int)reply.Status is 404 or 400 or 405 or 414,
                $"{form}: {(int)reply.Status} {reply.Text}");
        }
    }

    /// <summary>What stands beside the token chooses nothing.</summary>
    [Fact]
    public async Task Link_WithMembersSmuggledBesideIt_OpensWhatItWasMadeFor_OrIsRefused()
    {
        var victim = world.Stranger;
        var mine = (await GetAsync(link)).Text;
        string[] queries = [$"artifact={victim.Ids["artifact"]}", "version=2", $"tenant_id={victim.Tenant}",
            $"project_id={victim.Project}", $"tenant={victim.Tenant}", $"token={Token}x",
            "expires=9999999999", "expires_at=2999-01-01T00:00:00Z", "range=0-"];
        foreach (var query in queries)
        {
            var reply = await GetAsync($"{link}?{query}");
            Assert.True((int)reply.Status is >= 400 and < 500 || reply.Text == mine,
                $"{query}: {reply.Text}");
            Assert.DoesNotContain(victim.Mark, reply.Text, StringComparison.Ordinal);
        }
        foreach (var header in new[] { ("X-Aegis-Tenant", victim.Tenant), ("X-Aegis-Project", victim.Project),
            ("X-Original-URL", $"/v1/artifacts/{victim.Ids["artifact"]}/content"),
            ("Authorization", $"Bearer {world.Neighbour.Key}") })
        {
            var reply = await Server.SendAsync("GET", link, null, null, null, header);
            Assert.True((int)reply.Status is >= 400 and < 500 || reply.Text == mine,
                $"{header}: {reply.Text}");
        }
    }

    [Fact]
    public async Task Link_ThatHasExpired_IsNone_AndNoneIsMadeForLongerThanTheLimit()
    {
        // made as the door makes them, of the same key; one that lives a second may be dead when it is asked
        Assert.Equal(200, (int)(await GetAsync(LinkThatEnds(TimeSpan.FromMinutes(10)))).Status);
        Assert.Equal("AEGIS6102", (await GetAsync(LinkThatEnds(TimeSpan.FromSeconds(-1)))).Code);
        Assert.Equal(200, (int)(await GetAsync(link)).Status);
        foreach (var life in new object[] { "8d", 0, -1, "1e9d", "-1s", long.MaxValue, "999ms" })
        {
            var reply = await Server.SendAsync("POST", $"/v1/artifacts/{Shared}:link", world.Attacker.Key,
                JsonSerializer.Serialize(new { expires_in = life }));
            Assert.True(reply.Code is "AEGIS6100", $"{life}: {reply.Text}");
        }
    }

    /// <summary>A signature made for a link is none for anything else, and the other way round.</summary>
    [Fact]
    public async Task Link_IsNoKey_AndACursorIsNoLink()
    {
        foreach (var path in new[] { "/v1/runs", $"/v1/artifacts/{Shared}/content", "/v1/keys" })
        {
            Assert.Equal(401, (int)(await Server.SendAsync("GET", path, Token)).Status);
        }
        Assert.Equal(400, (int)(await Server.SendAsync(
            "GET", $"/v1/runs?cursor={Token}", world.Attacker.Key)).Status);
        var page = await Server.SendAsync("GET", "/v1/artifacts?limit=1", world.Attacker.Key);
        Assert.Equal("AEGIS6102", (await GetAsync($"/v1/downloads/{page.Member("next")}")).Code);
    }

    private static string[] With(string[] fields, int at, string value) =>
        [.. fields[..at], value, .. fields[(at + 1)..]];

    private string[] Fields() => Encoding.UTF8.GetString(Base64Url.DecodeFromChars(Token.Split('.')[0]))
        .Split('\n');

    private string LinkThatEnds(TimeSpan after) => "/v1/downloads/" + Server.Server.Parts.Links.Make(
        new DownloadClaim(new Tenancy(world.Attacker.Tenant, world.Attacker.Project), Shared, 1,
            TimeProvider.System.GetUtcNow() + after));

    private async Task<string> LinkAsync(Holding of, string artifact, string life = "10m")
    {
        var reply = await Server.SendAsync("POST", $"/v1/artifacts/{artifact}:link", of.Key,
            JsonSerializer.Serialize(new { expires_in = life, version = 1 }));
        Assert.True((int)reply.Status == 200, reply.Text);
        return reply.Member("path");
    }

    private Task<Reply> GetAsync(string path) => Server.SendAsync("GET", path, null);
}
