using System.Net;
using System.Text.Json;
using Aegis.Server.Tests.Support;
using Aegis.Tests.Shared;

namespace Aegis.Server.Tests.Deployments;

/// <summary>deploy.static and deploy.terraform in runs of the product: they ask, an audit that failed stops
/// them, and what they made is listed.</summary>
[Collection(RealServerGroup.Name)]
public sealed class DeployStaticRunTests(RealServer server)
{
    [Fact]
    public async Task Site_AsksAHuman_IsPublished_AndListed()
    {
        await using var store = await S3Server.StartAsync();
        var project = await DeployingProject.MakeAsync(server, "site1", asks: true);
        await KeysAsync(project);
        var run = await StartAsync(project, store, Site(store, "web"));
        var facts = await server.EventsUntilAsync(run, project.Key, seen => seen.Any(f =>
            f.GetProperty("type").GetString() == "ApprovalRequested"));
        Assert.Equal("default: deploy.static",
            facts[^1].GetProperty("payload").GetProperty("rule").GetString());
        Assert.Empty(store.Asked());
        var (granted, _, _) = await project.SendAsync("POST", $"/v1/approvals/{run}.deploy:grant", new { });
        Assert.Equal(HttpStatusCode.Accepted, granted);
        await server.EndedAsync(run, project.Key);
        using var http = new HttpClient();
        Assert.Equal("<h1>hello</h1>", await http.GetStringAsync($"{store.Address}site/index.html"));
        var shown = await project.ShowAsync("web");
        Assert.Equal(("static", "healthy", "https://site.example/", true),
            (shown.GetProperty("target").GetString(), shown.GetProperty("status").GetString(),
            shown.GetProperty("url").GetString(), shown.GetProperty("here").GetBoolean()));
        var (_, list, _) = await server.AegisAsync(["deployments", "list"], project.Key);
        Assert.Contains("static", list);
        Assert.Equal("DeploymentPublished", await project.FactsAsync("web", 1));
        foreach (var act in new[] { "stop", "start", "rollback" })
        {
            var (status, problem, _) = await project.SendAsync("POST", $"/v1/deployments/web:{act}", new { });
            Assert.Equal((HttpStatusCode.Conflict, "AEGIS2678"), (status, ProblemReading.Code(problem)));
        }
    }

    [Fact]
    public async Task Site_AfterAFailedAudit_IsVetoed_WhateverTheProfileSays()
    {
        await using var store = await S3Server.StartAsync();
        var project = await DeployingProject.MakeAsync(server, "site2");
        await KeysAsync(project);
        var run = await StartAsync(project, store, Site(store, "web"), new
        {
            id = "audit", uses = "audit.scan", needs = new[] { "code" }, continue_on_error = true,
        });
        var facts = await server.EndedAsync(run, project.Key);
        Assert.Contains(facts, f => f.GetProperty("type").GetString() == "AuditFailed");
        Assert.Equal("AEGIS2640", facts.Last(f => f.GetProperty("type").GetString() == "ToolDenied")
            .GetProperty("payload").GetProperty("error").GetProperty("code").GetString());
        Assert.Empty(store.Asked());
    }

    [Fact]
    public async Task Stack_PlansAtOnce_AndAsksWithTheChanges()
    {
        var project = await DeployingProject.MakeAsync(server, "stack1", asks: true);
        var workflow = JsonSerializer.Serialize(new
        {
            name = "infra",
            steps = new object[]
            {
                new { id = "deploy", uses = "deploy.terraform", with = new
                {
                    name = "net", action = "apply", plan = new string('a', 64),
                    changes = "1 to add, 0 to change, 0 to destroy\n+ aws_s3_bucket.site",
                } },
                new { id = "history", uses = "deploy.terraform",
                    with = new { name = "net", action = "history" } },
            },
        });
        var run = await RunAsync(project, workflow);
        var facts = await server.EventsUntilAsync(run, project.Key, seen => seen.Any(f =>
            f.GetProperty("type").GetString() == "ApprovalRequested"));
        Assert.Contains("1 to add, 0 to change, 0 to destroy", facts[^1].GetRawText());
        Assert.Contains("aws_s3_bucket.site", facts[^1].GetRawText());
        await project.SendAsync("POST", $"/v1/approvals/{run}.deploy:grant", new { });
        var ended = await server.EndedAsync(run, project.Key);
        // approved, and still not the plan of anything
        Assert.Equal("AEGIS2682", ended.Last(f => f.GetProperty("type").GetString() == "TaskFailed")
            .GetProperty("payload").GetProperty("error").GetProperty("code").GetString());
        Assert.DoesNotContain(ended, f => f.GetProperty("type").GetString() == "ApprovalRequested"
            && f.GetRawText().Contains("history", StringComparison.Ordinal));
    }

    private const string Dangerous =
        "const r = eval(process.argv[2]);\nrequire('child_process').exec('ls ' + r);\n";

    private static object Site(S3Server store, string name) => new
    {
        name, endpoint = store.Address.GetLeftPart(UriPartial.Authority), bucket = "site",
        url = "https://site.example/", credentials = new { access_key = "s3-key", secret_key = "s3-secret" },
    };

    private static async Task KeysAsync(DeployingProject project)
    {
        foreach (var name in new[] { "s3-key", "s3-secret" })
        {
            await project.SendAsync("PUT", $"/v1/secrets/{name}", new { value = S3Server.Key });
        }
    }

    private static Task<string> StartAsync(
        DeployingProject project, S3Server store, object site, params object[] before) =>
        RunAsync(project, JsonSerializer.Serialize(new
        {
            name = "publish",
            policy = new { egress_allow = new[] { $"127.0.0.1:{store.Port}" } },
            steps = (object[])
            [
                new { id = "page", uses = "file.write",
                    with = new { path = "dist/index.html", content = "<h1>hello</h1>" } },
                new { id = "code", uses = "file.write",
                    with = new { path = "app/a.js", content = Dangerous } },
                .. before,
                new { id = "deploy", uses = "deploy.static", with = site,
                    needs = before.Length == 0 ? ["page"] : new[] { "page", "audit" } },
            ],
        }));

    private static async Task<string> RunAsync(DeployingProject project, string workflow)
    {
        var (_, plan, _) = await project.SendAsync("POST", "/v1/plans:create", new { workflow });
        Assert.True(plan.TryGetProperty("plan_id", out var id), plan.GetRawText());
        var (_, run, _) = await project.SendAsync("POST", $"/v1/plans/{id.GetString()}:run", new { });
        return run.GetProperty("run_id").GetString()!;
    }
}
