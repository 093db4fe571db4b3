using System.Net;
using System.Text.Json;
using Aegis.Gate;
using Aegis.Ledger.Forge;
using Aegis.Server.Forge;
using Aegis.Tools.Forge;
using Aegis.Tools.Tests.Support;

namespace Aegis.Tools.Tests.Forge;

[Collection(ForgeGroup.Name)]
public sealed class CheckDoorTests(ForgeFixture forge)
{
    [Fact]
    public async Task Statuses_TheNewestOfAContextCounts()
    {
        using var repo = await forge.RepositoryAsync();
        var sha = repo.Sha("feature");
        Assert.Equal("pending", await StateAsync(repo, sha));
        foreach (var (context, state) in new[] { ("a", "failure"), ("b", "success"), ("a", "success") })
        {
            Assert.Equal(HttpStatusCode.Created, (await forge.SendAsync("POST", $"{repo.Api}/statuses/{sha}",
                new { context, state, description = "d", target_url = "https://x.example/" })).Status);
        }
        Assert.Equal("success", await StateAsync(repo, "feature"));
        var (_, all) = await forge.SendAsync("GET", $"{repo.Api}/commits/{sha}/statuses?per_page=2");
        Assert.Equal(["a:success", "b:success"], all.EnumerateArray().Select(s =>
            $"{s.GetProperty("context").GetString()}:{s.GetProperty("state").GetString()}"));
    }

    [Theory]
    [InlineData("{}", "state")]
    [InlineData("""{"state":"green"}""", "state")]
    [InlineData("""{"state":"success","target_url":"javascript:alert(1)"}""", "target_url")]
    [InlineData("""{"state":"success","context":""}""", "context")]
    public async Task Status_WithAWrongField_Is422WithItsName(string body, string field)
    {
        using var repo = await forge.RepositoryAsync();
        var (status, reply) = await forge.SendAsync("POST", $"{repo.Api}/statuses/{repo.Sha("main")}", body);
        Assert.Equal((HttpStatusCode.UnprocessableEntity, field),
            (status, reply.GetProperty("errors")[0].GetProperty("field").GetString()));
    }

    [Fact]
    public async Task UnknownCommit_IsRefused()
    {
        using var repo = await forge.RepositoryAsync();
        var none = new string('e', 40);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await forge.SendAsync("POST",
            $"{repo.Api}/statuses/{none}", new { state = "success" })).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await forge.SendAsync("POST",
            $"{repo.Api}/check-runs", new { name = "n", head_sha = none })).Status);
        foreach (var path in new[] { "status", "statuses", "check-runs", "else" })
        {
            Assert.Equal(HttpStatusCode.NotFound,
                (await forge.SendAsync("GET", $"{repo.Api}/commits/{none}/{path}")).Status);
        }
    }

    [Theory]
    [InlineData("statuses", StatusApi.DescriptionCharsMax, "description")]
    [InlineData("statuses", StatusApi.ContextCharsMax, "context")]
    [InlineData("check-runs", CheckRunRequest.NameCharsMax, "name")]
    public async Task Texts_HaveALimit(string door, int charsMax, string field)
    {
        using var repo = await forge.RepositoryAsync();
        var sha = repo.Sha("main");
        var path = $"{repo.Api}/{door}{(door == "statuses" ? $"/{sha}" : "")}";
        Dictionary<string, string> Body(int chars) => new() { ["state"] = "success", ["head_sha"] = sha,
            ["name"] = "n", [field] = new string('x', chars) };
        Assert.Equal(HttpStatusCode.Created, (await forge.SendAsync("POST", path, Body(charsMax))).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity,
            (await forge.SendAsync("POST", path, Body(charsMax + 1))).Status);
    }

    [Fact]
    public async Task Numbers_HaveALimit()
    {
        using var repo = await forge.RepositoryAsync();
        var sha = repo.Sha("main");
        await FillAsync("""
            INSERT INTO forge_statuses (tenant_key, project_key, repo, sha, context, state, created_by,
              created_at)
            SELECT tenant_key, project_key, $1, $2, 'c', 'success', 't', now()
              FROM projects JOIN tenants USING (tenant_key), generate_series(1, $3)
             WHERE tenant_id = 'acme' AND project_id = 'web'
            """, repo, sha, CommitReports.StatusesMax - 1);
        await FillAsync("""
            INSERT INTO forge_checks (tenant_key, project_key, repo, sha, name, status, created_by)
            SELECT tenant_key, project_key, $1, $2, 'n', 'queued', 't'
              FROM projects JOIN tenants USING (tenant_key), generate_series(1, $3)
             WHERE tenant_id = 'acme' AND project_id = 'web'
            """, repo, sha, CommitReports.ChecksMax - 1);
        foreach (var (path, body) in new (string, object)[] { ($"/statuses/{sha}",
            new { context = "c", state = "success" }), ("/check-runs", new { name = "n", head_sha = sha }) })
        {
            Assert.Equal(HttpStatusCode.Created,
                (await forge.SendAsync("POST", repo.Api + path, body)).Status);
            Assert.Equal(HttpStatusCode.UnprocessableEntity,
                (await forge.SendAsync("POST", repo.Api + path, body)).Status);
        }
    }

    [Fact]
    public async Task Annotations_AreAddedUpToTheLimits()
    {
        using var repo = await forge.RepositoryAsync();
        var (_, check) = await forge.SendAsync("POST", $"{repo.Api}/check-runs", new { name = "n",
            head_sha = repo.Sha("main"), output = Output(CheckRunRequest.AnnotationsMax) });
        Assert.Equal(CheckRunRequest.AnnotationsMax, Count(check));
        var path = $"{repo.Api}/check-runs/{check.GetProperty("id").GetInt64()}";
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await forge.SendAsync("PATCH", path,
            new { output = Output(CheckRunRequest.AnnotationsMax + 1) })).Status);
        var one = JsonSerializer.Serialize(Annotation(1));
        await forge.Ledger.ExecuteAsync("""
            UPDATE forge_checks SET annotations =
              (SELECT jsonb_agg($1::jsonb) FROM generate_series(1, $2)) WHERE check_id = $3
            """, one, CommitReports.AnnotationsMax - 1, check.GetProperty("id").GetInt64());
        var (_, full) = await forge.SendAsync("PATCH", path, new { output = Output(1) });
        Assert.Equal(CommitReports.AnnotationsMax, Count(full));
        Assert.Equal(HttpStatusCode.UnprocessableEntity,
            (await forge.SendAsync("PATCH", path, new { output = Output(1) })).Status);
        Assert.Equal(100, (await forge.SendAsync("GET", path + "/annotations?per_page=100")).Body
            .GetArrayLength());
    }

    [Theory]
    [InlineData(CheckRunCreate.BatchMax)]
    [InlineData(CheckRunCreate.BatchMax + 1)]
    [InlineData(CheckRunCreate.AnnotationsMax)]
    [InlineData(CheckRunCreate.AnnotationsMax + 1)]
    public async Task Tool_SendsFindingsInBatches_AndEachOnceThoughAnswersAreLost(int findings)
    {
        using var repo = await forge.RepositoryAsync();
        var changes = 0;
        using var execution = new HostExecution(
            Contexts.Of("run_1", "check", 1, repo.ForRun("feature"), ForgeFixture.Acme), null,
            async request =>
            {
                var reply = await forge.ReplyAsync(request);
                var lost = request.Method is "POST" or "PATCH" && ++changes is 1 or 3;
                return lost ? throw new Core.Errors.AegisException(new("AEGIS2008", "lost")) : reply;
            });
        var given = Enumerable.Range(1, findings).Select(i => new { severity = "warning", tool = "t",
            rule = "r", file = "a.js", line = i, message = "m" });

        var result = (await new CheckRunCreate().CallAsync(execution,
            new { name = "review", findings = given })).MustWork();

        var shown = Math.Min(findings, CheckRunCreate.AnnotationsMax);
        Assert.Equal((shown, "neutral"), (result.Output("annotations").GetInt32(),
            result.Output("conclusion").GetString()));
        var (_, checks) = await forge.SendAsync("GET", $"{repo.Api}/commits/feature/check-runs?filter=all");
        var check = Assert.Single(checks.GetProperty("check_runs").EnumerateArray());
        Assert.Equal((shown, "completed"), (Count(check), check.GetProperty("status").GetString()));
        Assert.IsType<ProbeResult.Happened>(await new CheckRunCreate().ProbeByJsonAsync(execution,
            new { name = "review", findings = given }));
    }

    private async Task<string?> StateAsync(ForgeRepository repo, string reference) =>
        (await forge.SendAsync("GET", $"{repo.Api}/commits/{reference}/status")).Body.GetProperty("state")
            .GetString();

    private Task<int> FillAsync(string sql, ForgeRepository repo, string sha, int count) =>
        forge.Ledger.ExecuteAsync(sql, repo.Name, sha, count);

    private static int Count(JsonElement check) =>
        check.GetProperty("output").GetProperty("annotations_count").GetInt32();

    private static object Output(int annotations) => new { title = "t", summary = "s",
        annotations = Enumerable.Range(1, annotations).Select(Annotation) };

    private static object Annotation(int line) => new { path = "a", start_line = line, end_line = line,
        annotation_level = "notice", message = "m" };
}
