using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Aegis.Core;
using Aegis.Server.Hooks;
using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests;

[Collection(ServerGroup.Name)]
public sealed class HookDoorTests(ServerFixture server) : IAsyncLifetime
{
    private const string Secret = "hook-secret-of-acme";
    private const string Push = """{"ref":"refs/heads/main","sender":{"login":"ana"},"commits":[]}""";
    private const string Github = "/v1/hooks/github/acme/web";
    private readonly string name = "w" + Guid.NewGuid().ToString("N")[..12];

    public async Task InitializeAsync()
    {
        await SetAsync(HookDoors.GithubSecret, Secret);
        await SetAsync(HookDoors.SecretPrefix + name, Secret);
    }

    public async Task DisposeAsync() =>
        await server.Server.Parts.Workflows.DeleteAsync(server.AcmeKeys, name, default);

    [Fact]
    public async Task Github_ASignedPush_CausesOneStartOfEachWorkflowThatNamesIt()
    {
        await RegisterAsync("- github:push: { branches: main }");
        var id = Guid.NewGuid().ToString();
        var (status, body) = await GithubAsync(id, Push);
        var run = body.GetProperty("runs").EnumerateArray()
            .Single(r => r.GetProperty("workflow").GetString() == name);

        Assert.Equal((HttpStatusCode.Accepted, false), (status, body.GetProperty("duplicate").GetBoolean()));
        Assert.Equal($"{run.GetProperty("run_id").GetString()} github:{id} key:test main ana pending",
            await server.Ledger.ScalarAsync<string>("""
                SELECT run_id || ' ' || cause || ' ' || actor || ' ' || (context::jsonb->>'branch') || ' '
                  || (context::jsonb->>'actor') || ' ' || status FROM trigger_starts WHERE workflow = $1
                """, name));
        var (again, second) = await GithubAsync(id, Push);
        Assert.Equal((HttpStatusCode.OK, """{"duplicate":true,"runs":[]}"""), (again, second.GetRawText()));
        Assert.Equal(1, await StartsAsync());
    }

    [Theory]
    [InlineData("- github:push: { branches: dev }", true)]
    [InlineData("- github:issues", true)]
    [InlineData("- github:push", false)]
    [InlineData("- manual", true)]
    public async Task Github_WhatNamesItNot_OrIsDisabled_IsNotStarted(string on, bool enabled)
    {
        await RegisterAsync(on);
        await server.Server.Parts.Workflows.EnableAsync(server.AcmeKeys, name, enabled, default);
        Assert.Equal(HttpStatusCode.Accepted, (await GithubAsync(Guid.NewGuid().ToString(), Push)).Status);
        Assert.Equal(0, await StartsAsync());
    }

    [Fact]
    public async Task Github_WhileASecretIsRotated_EitherSigns_AndTheOldOneNoLonger()
    {
        var vault = server.Server.Parts.Secrets;
        await vault.RotateAsync(ServerFixture.Acme, server.AcmeKeys, HookDoors.GithubSecret,
            "the-next-secret", TimeSpan.FromHours(1), "key:a", default);
        var old = ("X-Hub-Signature-256", Signature(Push, Secret));
        var next = ("X-Hub-Signature-256", Signature(Push, "the-next-secret"));
        foreach (var signature in new[] { old, next })
        {
            Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(Github, Push, [signature,
                ("X-GitHub-Delivery", Guid.NewGuid().ToString()), ("X-GitHub-Event", "push")])).Status);
        }
        await vault.SetAsync(ServerFixture.Acme, server.AcmeKeys, HookDoors.GithubSecret, "the-next-secret",
            "key:a", default);
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync(Github, Push, [old])).Status);
    }

    [Fact]
    public async Task Github_EveryWayOfNotBeingRight_IsTheSameAnswer()
    {
        await RegisterAsync("- github:push");
        var id = Guid.NewGuid().ToString();
        var right = Signature(Push, Secret);
        var answers = new List<(HttpStatusCode, string)>
        {
            await RawAsync(Github, Push, ("X-Hub-Signature-256", Signature(Push, "other"))),
            await RawAsync(Github, Push + " ", ("X-Hub-Signature-256", right)),
            await RawAsync(Github, Push, ("X-Hub-Signature-256", right[..^1])),
            await RawAsync(Github, Push,
                ("X-Hub-Signature-256", right.Replace("sha256", "sha1", StringComparison.Ordinal))),
            await RawAsync(Github, Push, ("X-Hub-Signature-256", "sha256=" + new string('g', 64))),
            await RawAsync(Github, Push),
            await RawAsync("/v1/hooks/github/rival/web", Push, ("X-Hub-Signature-256", right)),
            await RawAsync("/v1/hooks/github/acme/nowhere", Push, ("X-Hub-Signature-256", right)),
            await RawAsync("/v1/hooks/github/no%20one/web", Push, ("X-Hub-Signature-256", right)),
        };
        Assert.All(answers, a => Assert.Equal((HttpStatusCode.NotFound, answers[0].Item2), a));
        Assert.Contains("AEGIS6060", answers[0].Item2, StringComparison.Ordinal);
        Assert.Equal(0, await StartsAsync());

        async Task<(HttpStatusCode, string)> RawAsync(string path, string body,
            params (string, string)[] headers)
        {
            var (status, problem) = await PostAsync(
                path, body, [.. headers, ("X-GitHub-Delivery", id), ("X-GitHub-Event", "push")]);
            return (status, problem.GetRawText());
        }
    }

    [Theory]
    [InlineData(2 * 1024 * 1024, HttpStatusCode.Accepted)]
    [InlineData((2 * 1024 * 1024) + 1, HttpStatusCode.RequestEntityTooLarge)]
    public async Task Github_ABodyUpTo2MiB_IsTaken(int bytes, HttpStatusCode expected)
    {
        const string Frame = """{"a":""}""";
        var body = Frame.Insert(6, new string('x', bytes - Frame.Length));
        Assert.Equal(expected, (await GithubAsync(Guid.NewGuid().ToString(), body)).Status);
    }

    [Theory]
    [InlineData("not json", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("payload=%7B%7D", "application/x-www-form-urlencoded", HttpStatusCode.UnsupportedMediaType)]
    public async Task Github_ASignedBodyThatIsNoJson_IsRefusedByName(
        string body, string type, HttpStatusCode expected)
    {
        var (status, _) = await PostAsync(Github, body, [("X-Hub-Signature-256", Signature(body, Secret)),
            ("X-GitHub-Delivery", Guid.NewGuid().ToString()), ("X-GitHub-Event", "push")], type);
        Assert.Equal(expected, status);
    }

    [Fact]
    public async Task Own_ASignedCall_StartsItsWorkflowWithThePayload_Once()
    {
        await RegisterAsync("- webhook");
        var body = $$"""{"n":"{{name}}"}""";
        var (status, answer) = await OwnAsync(body, 0);
        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Equal(name, answer.GetProperty("runs")[0].GetProperty("workflow").GetString());
        Assert.Equal($"webhook {name}", await server.Ledger.ScalarAsync<string>("""
            SELECT (context::jsonb->>'event') || ' ' || (context::jsonb->'payload'->>'n')
              FROM trigger_starts WHERE workflow = $1
            """, name));
        var (replayed, problem) = await OwnAsync(body, 0);
        Assert.Equal((HttpStatusCode.Conflict, "AEGIS6062"),
            (replayed, problem.GetProperty("code").GetString()));
        Assert.Equal(1, await StartsAsync());
    }

    [Theory]
    [InlineData(-290, HttpStatusCode.Accepted)]
    [InlineData(290, HttpStatusCode.Accepted)]
    [InlineData(-330, HttpStatusCode.BadRequest)]
    [InlineData(330, HttpStatusCode.BadRequest)]
    public async Task Own_ATimestampFarOff_IsRefused(int seconds, HttpStatusCode expected)
    {
        await RegisterAsync("- webhook");
        Assert.Equal(expected, (await OwnAsync("{}", seconds)).Status);
    }

    [Theory]
    [InlineData(49_152, HttpStatusCode.Accepted)]
    [InlineData(49_153, HttpStatusCode.RequestEntityTooLarge)]
    public async Task Own_ABodyUpTo48KiB_IsTaken(int bytes, HttpStatusCode expected)
    {
        await RegisterAsync("- webhook");
        Assert.Equal(expected, (await OwnAsync($"\"{new string('x', bytes - 2)}\"", 0)).Status);
    }

    [Theory]
    [InlineData("- manual", true)]
    [InlineData("- webhook", false)]
    public async Task Own_AWorkflowThatHasNoHook_OrIsDisabled_IsUnknown(string on, bool enabled)
    {
        await RegisterAsync(on);
        await server.Server.Parts.Workflows.EnableAsync(server.AcmeKeys, name, enabled, default);
        var (status, problem) = await OwnAsync("{}", 0);
        Assert.Equal((HttpStatusCode.NotFound, "AEGIS6060"),
            (status, problem.GetProperty("code").GetString()));
    }

    [Theory]
    [InlineData("t=1,v1=00")]
    [InlineData("v1=00,t=1")]
    [InlineData("t=99999999999999999,v1=" + Zeros)]
    [InlineData("t=-1,v1=" + Zeros)]
    [InlineData("")]
    public async Task Own_AMalformedSignature_IsUnknown(string header)
    {
        await RegisterAsync("- webhook");
        var (status, _) = await PostAsync($"/v1/hooks/acme/web/{name}", "{}",
            [("X-Aegis-Signature", header)]);
        Assert.Equal(HttpStatusCode.NotFound, status);
    }

    private const string Zeros = "0000000000000000000000000000000000000000000000000000000000000000";

    private Task<long> StartsAsync() =>
        server.Ledger.ScalarAsync<long>("SELECT count(*) FROM trigger_starts WHERE workflow = $1", name);

    private Task SetAsync(string secret, string value) => server.Server.Parts.Secrets.SetAsync(
        ServerFixture.Acme, server.AcmeKeys, secret, value, "key:test", default);

    private async Task RegisterAsync(string on)
    {
        var compiled = Core.Plans.WorkflowCompiler.Compile(Encoding.UTF8.GetBytes(
            $"name: w\non:\n  {on}\nsteps: [{{ id: a, uses: t }}]\n"), "w");
        await server.Server.Parts.Workflows.PutAsync(server.AcmeKeys, new Ledger.Triggers.NewWorkflow(name,
            "plan_x", "hash", "key:test", ["tools:*"], compiled.Plan!.On, null, null), default);
    }

    private Task<(HttpStatusCode Status, JsonElement Body)> GithubAsync(string id, string body) =>
        PostAsync(Github, body, [("X-Hub-Signature-256", Signature(body, Secret)), ("X-GitHub-Delivery", id),
            ("X-GitHub-Event", "push")]);

    private Task<(HttpStatusCode Status, JsonElement Body)> OwnAsync(string body, int skew)
    {
        var at = (TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()
            + skew).ToString(CultureInfo.InvariantCulture);
        signedAt = skew == 0 ? signedAt ?? at : at;
        var hex = Signature($"{signedAt}.{body}", Secret)["sha256=".Length..];
        return PostAsync($"/v1/hooks/acme/web/{name}", body,
            [("X-Aegis-Signature", $"t={signedAt},v1={hex}")]);
    }

    private string? signedAt;

    private async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(
        string path, string body, (string, string)[] headers, string type = "application/json")
    {
        using var request = server.Request("POST", path, null, body, type);
        foreach (var (header, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(header, value);
        }
        return await server.SendAsync(request);
    }

    private static string Signature(string body, string secret) => "sha256=" + Convert.ToHexStringLower(
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(body)));
}
