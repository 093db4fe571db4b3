using System.Text.Json;
using Aegis.Ledger.Triggers;
using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests;

/// <summary>What If-Match and If-None-Match do to writes, on a real PostgreSQL: of writers that read the same
/// state exactly one writes.</summary>
[Collection(ServerGroup.Name)]
public sealed class ConditionalWriteTests(ServerFixture server)
{
    private const int WritersAtOnce = 8;
    private const int Rounds = 5;

    public static TheoryData<string> Puts =>
        ["/v1/secrets/raced", "/v1/workflows/raced", "/v1/profile"];

    [Theory]
    [MemberData(nameof(Puts))]
    public async Task Put_ByManyWithOneTag_IsDoneOnce(string path)
    {
        await PutAsync(path, 0);
        for (var round = 1; round <= Rounds; round++)
        {
            var tag = await Conditional.TagAsync(server, path);
            var writers = Enumerable.Range(0, WritersAtOnce)
                .Select(i => PutAsync(path, (round * 100) + i, match: tag));
            var statuses = await Task.WhenAll(writers);
            Assert.Equal((1, WritersAtOnce - 1),
                (statuses.Count(s => s == 200), statuses.Count(s => s == 412)));
            Assert.NotEqual(tag, await Conditional.TagAsync(server, path));
        }
    }

    [Theory]
    [InlineData("secrets")]
    [InlineData("workflows")]
    public async Task Put_OfWhatMustNotBeThere_MakesItOnce_AndAfterADeleteAgain(string what)
    {
        var path = $"/v1/{what}/made-once";
        for (var round = 0; round < Rounds; round++)
        {
            var statuses = await Task.WhenAll(Enumerable.Range(0, WritersAtOnce)
                .Select(i => PutAsync(path, i, noneMatch: "*")));
            Assert.Equal((1, WritersAtOnce - 1),
                (statuses.Count(s => s == 200), statuses.Count(s => s == 412)));
            var tag = await Conditional.TagAsync(server, path);
            // a writer and a deleter with the same tag: one of them comes too late
            var both = await Task.WhenAll(
                PutAsync(path, 900 + round, match: tag),
                Conditional.StatusAsync(server, "DELETE", path, match: tag));
            Assert.True(both is [200, 412] or [412, 204], string.Join(' ', both));
            await Conditional.StatusAsync(server, "DELETE", path);
        }
    }

    [Theory]
    [MemberData(nameof(Puts))]
    public async Task Put_WithoutHeaders_OrWithAnyOfThem_GoesAsBefore(string path)
    {
        Assert.Equal(200, await PutAsync(path, 1));
        Assert.Equal(200, await PutAsync(path, 2));
        Assert.Equal(200, await PutAsync(path, 3, match: "*"));
        var tag = await Conditional.TagAsync(server, path);
        Assert.Equal(412, await PutAsync(path, 4, match: $"W/{tag}"));
        Assert.Equal(412, await PutAsync(path, 4, noneMatch: tag));
        Assert.Equal(412, await PutAsync(path, 4, noneMatch: "*"));
        Assert.Equal(tag, await Conditional.TagAsync(server, path));
        Assert.Equal(200, await PutAsync(path, 4, match: $"\"old\", {tag}"));
        Assert.Equal(200, await PutAsync(path, 5, noneMatch: tag));
    }

    [Theory]
    [InlineData("*")]
    [InlineData("\"any\"")]
    public async Task Put_OfWhatIsNotThere_WithIfMatch_MakesNothing(string match)
    {
        foreach (var path in new[] { "/v1/secrets/never", "/v1/workflows/never" })
        {
            Assert.Equal(412, await PutAsync(path, 1, match: match));
            Assert.Equal(404, await Conditional.StatusAsync(server, "GET", path));
            Assert.Equal(404, await Conditional.StatusAsync(server, "DELETE", path, match: match));
        }
    }

    [Fact]
    public async Task Put_ThatIsRefused_LeavesNoPlanBehind()
    {
        await PutAsync("/v1/workflows/unplanned", 1);
        server.Engine.Asked.Clear();
        var asked = 0;
        server.Engine.OnPlan = (_, _) =>
        {
            asked++;
            throw new InvalidOperationException("no plan was to be made");
        };
        Assert.Equal(412, await PutAsync("/v1/workflows/unplanned", 2, match: "\"old\""));
        server.Engine.OnPlan = null;
        Assert.Equal(0, asked);
    }

    [Fact]
    public async Task Delete_WithAStaleTag_DeletesNothing()
    {
        var own = await Things.MakeAsync(server, server.AcmeKeys, "acme");
        string[] paths = [$"/v1/webhooks/wh_{own.Key}", $"/v1/keys/{own.Key}", "/v1/secrets/token",
            "/v1/workflows/own"];
        foreach (var path in paths)
        {
            var tag = await Conditional.TagAsync(server, path);
            Assert.Equal(412, await Conditional.StatusAsync(server, "DELETE", path, match: "\"stale\""));
            Assert.Equal(412, await Conditional.StatusAsync(server, "DELETE", path, noneMatch: "*"));
            Assert.Equal(tag, await Conditional.TagAsync(server, path));
            var both = await Task.WhenAll(
                Conditional.StatusAsync(server, "DELETE", path, match: tag),
                Conditional.StatusAsync(server, "DELETE", path, match: tag));
            Assert.Equal([204, 404], both.Order());
        }
    }

    [Fact]
    public async Task Webhook_ThatWasDisabled_IsAnotherThanWasRead()
    {
        var own = await Things.MakeAsync(server, server.AcmeKeys, "acme");
        var path = $"/v1/webhooks/wh_{own.Key}";
        var tag = await Conditional.TagAsync(server, path);
        await server.SendAsync("POST", $"{path}:disable", server.AcmeKey);
        Assert.Equal(412, await Conditional.StatusAsync(server, "DELETE", path, match: tag));
    }

    [Fact]
    public async Task Workflow_ThatWasStarted_IsNewToReaders_AndNotToWriters()
    {
        const string path = "/v1/workflows/started";
        await PutAsync(path, 1);
        var tag = await Conditional.TagAsync(server, path);
        var workflow = await server.Server.Parts.Workflows.FindAsync(server.AcmeKeys, "started", default);
        await server.Server.Parts.Workflows.RecordDirectAsync(
            server.AcmeKeys, new NewStart(workflow!, "run_tagged", "api:run_tagged", "{}"), default);
        Assert.Equal(200, await Conditional.StatusAsync(server, "GET", path, noneMatch: tag));
        Assert.Equal(200, await PutAsync(path, 2, match: tag));
        Assert.Equal(412, await PutAsync(path, 3, match: tag));
    }

    private Task<int> PutAsync(string path, int number, string? match = null, string? noneMatch = null) =>
        Conditional.StatusAsync(server, "PUT", path, match, noneMatch, JsonSerializer.Serialize<object>(
            path switch
            {
                "/v1/profile" => new { yaml = $"models: {{}} # {number}" },
                _ when path.StartsWith("/v1/secrets/", StringComparison.Ordinal) =>
                    new { value = $"v{number}" },
                _ => new { workflow = $"name: n{number}\non: [api]" },
            }));
}
