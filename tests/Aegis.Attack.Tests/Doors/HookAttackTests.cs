using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Aegis.Attack.Tests.Support;

namespace Aegis.Attack.Tests.Doors;

/// <summary>The doors that need no key: what is not signed with the very hook's secret learns nothing, not
/// even
/// whether there is such a hook.</summary>
[Collection(WorldGroup.Name)]
public sealed class HookAttackTests(WorldFixture world)
{
    private static readonly byte[] Body = """{"zen":"x"}"""u8.ToArray();

    [Fact]
    public async Task Hooks_WithoutTheirOwnSignature_AreAnsweredAsHooksThatAreNot()
    {
        var victim = world.Stranger;
        var never = await SendAsync("nobody", "nowhere", "x", Holding.Signature(world.Attacker.HookSecret,
            Body));
        var own = Holding.Signature(world.Attacker.HookSecret, Body);
        var forged = new[]
        {
            own, own.ToUpperInvariant(), "t=1,v1=" + new string('0', 64), "", "v1=,t=", own + ",v1=x",
            Holding.Signature("", Body), Holding.Signature(victim.HookSecret, [.. Body, 0x20]),
            Holding.Signature(world.StrangersOther.HookSecret, Body),
        };
        foreach (var signature in forged)
        {
            var reply = await SendAsync(victim.Tenant, victim.Project, victim.Ids["workflow"], signature);
            Assert.Equal((never.Status, never.Text), (reply.Status, reply.Text));
        }
    }

    [Fact]
    public async Task Hooks_SignedForAnotherProjectsWorkflow_StartNothing()
    {
        var mine = world.Attacker;
        var signature = Holding.Signature(mine.HookSecret, Body);
        foreach (var (tenant, project, workflow) in new[]
        {
            (world.Stranger.Tenant, world.Stranger.Project, mine.Ids["workflow"]),
            (mine.Tenant, mine.Project, world.Stranger.Ids["workflow"]),
            (mine.Tenant, world.Neighbour.Project, world.Neighbour.Ids["workflow"]),
            (mine.Tenant, $"{mine.Project}%2f..%2f{world.Neighbour.Project}", mine.Ids["workflow"]),
        })
        {
            Assert.Equal("AEGIS6060", (await SendAsync(tenant, project, workflow, signature)).Code);
        }
    }

    [Fact]
    public async Task Hooks_CalledAgain_CountOnce_AndOldCallsNever()
    {
        var mine = world.Attacker;
        var signature = Holding.Signature(mine.HookSecret, Body);
        Assert.Equal(202, (int)(await SendAsync(mine.Tenant, mine.Project, mine.Ids["workflow"],
            signature)).Status);
        Assert.Equal("AEGIS6062",
            (await SendAsync(mine.Tenant, mine.Project, mine.Ids["workflow"], signature)).Code);
        const string At = "1500000000";
        var mac = HMACSHA256.HashData(Encoding.UTF8.GetBytes(mine.HookSecret),
            (byte[])[.. Encoding.ASCII.GetBytes(At + "."), .. Body]);
        Assert.Equal("AEGIS6063", (await SendAsync(mine.Tenant, mine.Project, mine.Ids["workflow"],
            string.Create(CultureInfo.InvariantCulture, $"t={At},v1={Convert.ToHexStringLower(mac)}"))).Code);
    }

    [Fact]
    public async Task Github_SignedWithAnotherProjectsSecret_IsNoHook()
    {
        foreach (var victim in world.Victims)
        {
            var mac = HMACSHA256.HashData(Encoding.UTF8.GetBytes(world.Attacker.HookSecret), Body);
            var reply = await world.Server.SendAsync("POST",
                $"/v1/hooks/github/{victim.Tenant}/{victim.Project}",
                null, Body, "application/json", ("X-GitHub-Event", "push"), ("X-GitHub-Delivery", "d1"),
                ("X-Hub-Signature-256", $"sha256={Convert.ToHexStringLower(mac)}"));
            Assert.Equal("AEGIS6060", reply.Code);
        }
    }

    [Fact]
    public async Task Keys_ThatAreRevokedMalformedOrDoubled_OpenNothing()
    {
        var made = await world.Server.SendAsync("POST", "/v1/keys", world.Attacker.Key,
            """{"name":"short","scopes":["runs:read"],"project":"web"}""");
        var (id, key) = (made.Member("key_id"), made.Member("key"));
        Assert.Equal(200, (int)(await world.Server.SendAsync("GET", "/v1/runs", key)).Status);
        await world.Server.SendAsync("DELETE", $"/v1/keys/{id}", world.Attacker.Key);
        foreach (var wrong in new[] { key, key[..^1], key + "x", "", "aegis_key_", "aegisint_x.y",
            new string('k', 4_000) })
        {
            Assert.Equal("AEGIS6010", (await world.Server.SendAsync("GET", "/v1/runs", null, null, null,
                ("Authorization", $"Bearer {wrong}"))).Code);
        }
        Assert.Equal("AEGIS6010", (await world.Server.SendAsync("GET", "/v1/runs", world.Attacker.Key, null,
            null,
            ("Authorization", $"Bearer {world.Attacker.Key}"))).Code);
    }

    /// <summary>Streams: a foreign run's is not there, whatever one claims to have seen of it.</summary>
    [Fact]
    public async Task Streams_OfForeignRuns_AreNotThere()
    {
        foreach (var victim in world.Victims)
        {
            foreach (var path in new[] { "events", "tasks/first/log?follow=true" })
            {
                foreach (var last in new[] { "0", "1", "999" })
                {
                    var reply = await world.Server.SendAsync("GET", $"/v1/runs/{victim.Ids["run"]}/{path}",
                        world.Attacker.Key, null, null, ("Accept", "text/event-stream"), ("Last-Event-ID",
                            last));
                    Assert.Equal("AEGIS6020", reply.Code);
                }
            }
        }
    }

    private Task<Reply> SendAsync(string tenant, string project, string workflow, string signature) =>
        world.Server.SendAsync("POST", $"/v1/hooks/{tenant}/{project}/{workflow}", null, Body,
            "application/json",
            ("X-Aegis-Signature", signature));
}
