using System.Net;
using System.Text.Json;
using Aegis.Core;
using Aegis.Core.Knowledge;
using Aegis.Server.Tests.Support;
using Aegis.Tests.Shared;

namespace Aegis.Server.Tests.Knowledge;

/// <summary>The knowledge base by doors, tool and command line.</summary>
[Collection(RealServerGroup.Name)]
public sealed class KnowledgeDoorTests(RealServer real)
{
    [Fact]
    public async Task Search_FindsWhatShips_AndTheArticleHasItsText()
    {
        var key = await KeyAsync();
        var (status, found, _) = await real.SendAsync("GET", "/v1/knowledge?query=subir%20archivos&limit=3",
            key: key);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("file-upload", Ids(found)[0]);
        Assert.False(found.GetProperty("items")[0].TryGetProperty("text", out _));
        var (_, one, _) = await real.SendAsync("GET", "/v1/knowledge/file-upload", key: key);
        Assert.StartsWith("## Shape", one.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound,
            (await real.SendAsync("GET", "/v1/knowledge/no-such", key: key)).Status);
    }

    [Fact]
    public async Task List_ComesInPages_AndHasAllArticlesOnce()
    {
        var key = await KeyAsync();
        var (ids, next) = (new List<string?>(), "");
        do
        {
            var (_, page, _) = await real.SendAsync("GET", $"/v1/knowledge?limit=10{next}", key: key);
            ids.AddRange(Ids(page));
            next = page.TryGetProperty("next", out var cursor) ? $"&cursor={cursor.GetString()}" : null;
        }
        while (next is not null);
        Assert.Equal(KnowledgeBase.BuiltIn.Articles.Keys, ids);
    }

    [Theory]
    [InlineData("query=api&stack=pyton", "AEGIS2735")]
    [InlineData("stack=pyton", "AEGIS2735")]
    [InlineData("query=api&limit=0", "AEGIS6030")]
    public async Task Search_OfWhatIsNotThere_IsRefused(string query, string code)
    {
        var (status, body, _) = await real.SendAsync("GET", $"/v1/knowledge?{query}");
        Assert.Equal((HttpStatusCode.BadRequest, code), (status, body.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task Query_AtItsLimit_IsTaken_AndOnePastItIsNot()
    {
        var most = new string('x', KnowledgeLimits.QueryCharsMax);
        Assert.Equal(HttpStatusCode.OK, (await real.SendAsync("GET", $"/v1/knowledge?query={most}")).Status);
        Assert.Equal(HttpStatusCode.BadRequest,
            (await real.SendAsync("GET", $"/v1/knowledge?query={most}x")).Status);
        Assert.Equal(HttpStatusCode.OK, (await InvokeAsync(real.Key, new { query = most })).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await InvokeAsync(real.Key, new { query =
            most + "x" })).Status);
    }

    [Fact]
    public async Task Profile_BringsArticles_WhichTheToolOfItsProjectAloneFinds()
    {
        var (key, rival) = (await KeyAsync(), await KeyAsync());
        var set = await real.SendAsync("PUT", "/v1/profile", JsonSerializer.Serialize(new
        {
            yaml = "{}",
            files = new Dictionary<string, string>
            {
                ["knowledge/house.md"] = ArticleText.Of("house-zeppelin", "Zeppelin mooring"),
            },
        }), key);
        Assert.Equal(HttpStatusCode.OK, set.Status);
        var (status, found, _) = await InvokeAsync(key, new { query = "zeppelin" });
        Assert.Equal(HttpStatusCode.OK, status);
        var only = Assert.Single(found.GetProperty("outputs").GetProperty("articles").EnumerateArray());
        Assert.Equal(("house-zeppelin", true, true), (only.GetProperty("id").GetString(),
            only.GetProperty("own").GetBoolean(),
            only.GetProperty("text").GetString()!.StartsWith("## Shape", StringComparison.Ordinal)));
        Assert.Empty((await InvokeAsync(rival, new { query = "zeppelin" })).Body.GetProperty("outputs")
            .GetProperty("articles").EnumerateArray());
        Assert.Equal(HttpStatusCode.NotFound,
            (await real.SendAsync("GET", "/v1/knowledge/house-zeppelin", key: rival)).Status);
    }

    [Fact]
    public async Task Profile_WithAMalformedArticle_IsRefusedWithItsLine()
    {
        var (status, body, _) = await real.SendAsync("PUT", "/v1/profile", JsonSerializer.Serialize(new
        {
            yaml = "{}", files = new Dictionary<string, string> { ["knowledge/bad.md"] =
                "# no front matter" },
        }), await KeyAsync());
        Assert.True((int)status is 400 or 422, body.GetRawText());
        Assert.Contains("AEGIS2736", body.GetRawText(), StringComparison.Ordinal);
        Assert.Contains("knowledge/bad.md", body.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tool_GivesTheBestWhole_AndKeepsItsAnswerWithinBounds()
    {
        var (_, found, _) = await InvokeAsync(
            real.Key, new { query = "api user data", limit = KnowledgeLimits.HitsMax });
        var articles = found.GetProperty("outputs").GetProperty("articles").EnumerateArray().ToList();
        Assert.Equal(KnowledgeLimits.HitsMax, articles.Count);
        var texts = articles.ConvertAll(
            a => a.TryGetProperty("text", out var text) ? text.GetString() : null);
        Assert.NotNull(texts[0]);
        Assert.InRange(texts.Sum(t => t?.Length ?? 0), KnowledgeLimits.AnswerCharsMax / 2,
            KnowledgeLimits.AnswerCharsMax);
        Assert.Contains(texts, t => t is null);
        Assert.Equal(HttpStatusCode.BadRequest, (await InvokeAsync(
            real.Key, new { query = "api", limit = KnowledgeLimits.HitsMax + 1 })).Status);
        var (_, body, _) = await InvokeAsync(real.Key, new { query = "api", stack = "cobol" });
        Assert.True(body.TryGetProperty("error", out var error), body.GetRawText());
        Assert.Equal("AEGIS2735", error.GetProperty("code").GetString());
    }

    [Fact]
    public async Task CommandLine_SearchesListsAndShows()
    {
        var (exit, table, _) = await real.AegisAsync(["knowledge", "search", "cobrar con tarjeta", "--limit",
            "3"]);
        Assert.Equal(0, exit);
        Assert.Contains("payments-by-provider", table, StringComparison.Ordinal);
        var (_, json, _) = await real.AegisAsync(["knowledge", "search", "file upload", "--stack", "python",
            "--json"]);
        Assert.Equal("file-upload", Ids(JsonElement.Parse(json))[0]);
        var (_, text, _) = await real.AegisAsync(["knowledge", "show", "sql-access"]);
        Assert.Contains("## Threats", text, StringComparison.Ordinal);
        var (_, all, _) = await real.AegisAsync(["knowledge", "list", "--json"]);
        Assert.Equal(KnowledgeBase.BuiltIn.Articles.Count, Ids(JsonElement.Parse(all)).Count);
        var (failed, _, error) = await real.AegisAsync(["knowledge", "search", "api", "--stack", "pyton"]);
        Assert.NotEqual(0, failed);
        Assert.Contains("did you mean python?", error, StringComparison.Ordinal);
    }

    private static List<string?> Ids(JsonElement page) =>
        [.. page.GetProperty("items").EnumerateArray().Select(a => a.GetProperty("id").GetString())];

    private Task<(HttpStatusCode Status, JsonElement Body, string? Location)> InvokeAsync(string key,
        object input) =>
        real.SendAsync("POST", "/v1/tools/knowledge.search:invoke", JsonSerializer.Serialize(new { input }),
            key);

    private async Task<string> KeyAsync()
    {
        var tenancy = new Tenancy($"k{Guid.CreateVersion7():n}"[..20], "web");
        await real.ProjectAsync(tenancy);
        return (await real.MakeKeyAsync(tenancy)).Secret;
    }
}
