using Aegis.Server.Conditions;
using Microsoft.AspNetCore.Routing;

namespace Aegis.Tools.Tests.Forge;

/// <summary>Entity tags of the forge's pages of one thing, as GitHub has them, and If-Match where GitHub has
/// none.</summary>
[Collection(ForgeGroup.Name)]
public sealed class ForgeConditionTests(ForgeFixture forge)
{
    private const int WritersAtOnce = 6;

    [Fact]
    public async Task Pages_HaveTags_ThatChangeWithWhatTheyShow()
    {
        using var repo = await forge.RepositoryAsync();
        await repo.PullAsync();
        var check = await CheckAsync(repo);
        foreach (var path in new[] { "", "/branches/feature", "/pulls/1", check })
        {
            var tag = await TagAsync(repo.Api + path);
            Assert.Equal((304, tag), await forge.ConditionalAsync(
                "GET", repo.Api + path, "If-None-Match", $"W/{tag}, \"other\""));
        }
        var before = await TagAsync(repo.Api + "/pulls/1");
        await forge.SendAsync("POST", repo.Api + "/issues/1/comments", new { body = "a word" });
        Assert.NotEqual(before, await TagAsync(repo.Api + "/pulls/1"));
        Assert.Equal(4, forge.Server.Endpoints.Endpoints.OfType<RouteEndpoint>().Count(e =>
            e.RoutePattern.RawText!.StartsWith("/forge/", StringComparison.Ordinal)
            && e.Metadata.GetMetadata<TaggedDoor>() is not null && TaggedDoor.Reads(e)));
    }

    [Fact]
    public async Task Edits_OfManyWithOneTag_AreDoneOnce()
    {
        using var repo = await forge.RepositoryAsync();
        await repo.PullAsync();
        foreach (var path in new[] { repo.Api + "/pulls/1", repo.Api + await CheckAsync(repo) })
        {
            var tag = await TagAsync(path);
            // a comment changes the page, and nothing that anybody edits
            await forge.SendAsync("POST", repo.Api + "/issues/1/comments", new { body = "a word" });
            var statuses = await Task.WhenAll(Enumerable.Range(0, WritersAtOnce).Select(async i =>
                (await forge.ConditionalAsync("PATCH", path, "If-Match", tag,
                    new { title = $"t{i}", name = $"n{i}" })).Status));
            Assert.Equal((1, WritersAtOnce - 1),
                (statuses.Count(s => s == 200), statuses.Count(s => s == 412)));
            Assert.NotEqual(tag, await TagAsync(path));
            Assert.Equal(400,
                (await forge.ConditionalAsync("PATCH", path, "If-Match", "bare", new { })).Status);
            Assert.Equal(200, (await forge.ConditionalAsync("PATCH", path, "If-Match", "*",
                new { title = "last", name = "last" })).Status);
        }
    }

    private async Task<string> CheckAsync(ForgeRepository repo)
    {
        var (_, made) = await forge.SendAsync("POST", repo.Api + "/check-runs",
            new { name = "lint", head_sha = repo.Sha("feature") });
        return $"/check-runs/{made.GetProperty("id").GetInt64()}";
    }

    private async Task<string> TagAsync(string path) =>
        (await forge.ConditionalAsync("GET", path, "Accept", "application/json")).Tag!;
}
