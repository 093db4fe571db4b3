using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Tools.Forge;
using Aegis.Tools.Tests.Support;

namespace Aegis.Tools.Tests.Forge;

/// <summary>How far back something that was made before is looked for, and how often a change is tried whose
/// answer is lost; each at its limit and one past it.</summary>
public sealed class ForgeClientLimitTests : IDisposable
{
    private readonly GitFixture git = new();
    private readonly List<ForgeRequest> asked = [];

    public void Dispose() => git.Dispose();

    [Theory]
    [InlineData(ForgeClient.PagesMax, true)]
    [InlineData(ForgeClient.PagesMax + 1, false)]
    public async Task WhatWasMade_IsFoundOnTheLastPageThatIsLookedAt_AndNotBehindIt(int page, bool found)
    {
        string? marker = null;
        var first = await CallAsync(request =>
        {
            marker = request.Body?.GetProperty("body").GetString();
            return request.Method == "GET" ? new ForgeReply(200, Json("[]"))
                : new ForgeReply(201, Json("""{"id":1,"html_url":"first"}"""));
        });
        Assert.Equal("first", first.MustWork().Output("url").GetString());
        asked.Clear();
        var again = await CallAsync(request =>
        {
            if (request.Method == "POST")
            {
                return new ForgeReply(201, Json("""{"id":2,"html_url":"second"}"""));
            }
            var at = asked.Count;
            var mine = new { id = 1, body = marker, html_url = "first" };
            return at < page
                ? new ForgeReply(200, Json("""[{"id":9,"body":"another's"}]"""),
                    $"{request.Path.Split('&')[0]}&page={at + 1}")
                : new ForgeReply(200, JsonSerializer.SerializeToElement(new[] { mine }));
        });
        Assert.Equal(found ? "first" : "second", again.MustWork().Output("url").GetString());
        Assert.Equal(found ? page : ForgeClient.PagesMax, asked.Count(a => a.Method == "GET"));
    }

    [Theory]
    [InlineData(ForgeClient.TriesMax - 1, true)]
    [InlineData(ForgeClient.TriesMax, false)]
    public async Task AChangeWhoseAnswerIsLost_IsTriedUpToTheLimit_WithALookAfterEach(int lost, bool made)
    {
        var result = await CallAsync(request => request.Method == "GET" ? new ForgeReply(200, Json("[]"))
            : asked.Count(a => a.Method == "POST") > lost
                ? new ForgeReply(201, Json("""{"id":1,"html_url":"made"}"""))
                : throw new AegisException(new AegisError("AEGIS2396", "the forge is out of order")));
        Assert.Equal((made, made ? null : "AEGIS2396"), (result.Ok, result.Error?.Code));
        Assert.Equal(ForgeClient.TriesMax, asked.Count(a => a.Method == "POST"));
        Assert.Equal(lost + 1, asked.Count(a => a.Method == "GET"));
    }

    [Theory]
    [InlineData(ForgeClient.TriesMax - 1, true)]
    [InlineData(ForgeClient.TriesMax, false)]
    public async Task AnUpdateWhoseAnswerIsLost_IsTriedUpToTheLimit(int lost, bool done)
    {
        using var execution = git.Execution(forge: request =>
        {
            asked.Add(request);
            return new ValueTask<ForgeReply>(request.Method == "PATCH"
                && asked.Count(a => a.Method == "PATCH") <= lost
                ? throw new AegisException(new AegisError("AEGIS2396", "the forge is out of order"))
                : new ForgeReply(200, Json($$"""
                    {"id":7,"html_url":"u","output":{"annotations_count":0},"conclusion":"success",
                     "status":"{{(asked.Any(a => a.Method == "PATCH") && request.Method == "PATCH"
                         ? "completed" : "in_progress")}}"}
                    """)));
        });
        var result = await new CheckRunUpdate().CallAsync(
            execution, new { id = 7, status = "completed", conclusion = "success" });
        Assert.Equal((done, done ? null : "AEGIS2396"), (result.Ok, result.Error?.Code));
        Assert.Equal(done ? lost + 1 : lost, asked.Count(a => a.Method == "PATCH"));
    }

    private async Task<ToolResult> CallAsync(Func<ForgeRequest, ForgeReply> answer)
    {
        using var execution = git.Execution(forge: request =>
        {
            asked.Add(request);
            return new ValueTask<ForgeReply>(answer(request));
        });
        return await new PullRequestComment().CallAsync(execution, new { number = 5, body = "words" });
    }

    private static JsonElement Json(string text) => JsonElement.Parse(text);
}
