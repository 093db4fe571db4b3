using System.Text.Json;
using Aegis.Api;
using Aegis.Api.Models;
using Aegis.Core;
using Aegis.Core.Discovery;
using Aegis.Core.Plans.Triggers;
using Aegis.Ledger.Triggers;
using Aegis.Server.Artifacts;
using Aegis.Server.Tests.Support;
using Aegis.Tests.Shared;
using Microsoft.Kiota.Abstractions.Authentication;
using Microsoft.Kiota.Http.HttpClientLibrary;

namespace Aegis.Server.Tests;

/// <summary>The served document against the server that serves it: what a client generated from it sends and
/// gets, and every status, media type and body that requests of all kinds bring back.</summary>
[Collection(ServerGroup.Name)]
public sealed class ConformanceTests(ServerFixture server)
{
    private const string HookSecret = "hook-secret";

    [Fact]
    public async Task TypescriptClient_CompilesStrictly_AndSpeaksToTheServer()
    {
        for (var i = 0; i < 3; i++)
        {
            await server.Seed.RunAsync(server.AcmeKeys);
        }
        var said = await NodeProgram.RunAsync(
            "openapi-client.mjs", DocumentFile.Path, server.Server.Url.ToString(), server.AcmeKey);
        Assert.Equal("""
            plan made of 2 tasks
            run run_ 202
            runs over several pages
            problem 404 AEGIS6020

            """, said);
    }

    [Fact]
    public async Task CsharpClient_SpeaksToTheServer()
    {
        var run = await server.Seed.RunAsync(server.AcmeKeys);
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new("Bearer", server.AcmeKey);
        using var adapter = new HttpClientRequestAdapter(
            new AnonymousAuthenticationProvider(), httpClient: http)
        {
            BaseUrl = server.Server.Url.ToString().TrimEnd('/'),
        };
        var api = new AegisApi(adapter);
        var plan = await api.V1.PlansCreate.PostAsync(
            new() { Workflow = "name: ci", FileName = "ci.yaml" });
        Assert.Equal((2, 1), (plan?.DagSummary?.Tasks, plan?.DagSummary?.Edges));
        var page = await api.V1.Runs.GetAsync(c => c.QueryParameters.Limit = 1);
        Assert.Single(page!.Items!);
        Assert.Equal(2, (await api.V1.Runs[run].GetAsync())?.Tasks?.Count);
        var problem = await Assert.ThrowsAsync<Problem>(() => api.V1.Runs["run_none"].GetAsync());
        Assert.Equal(("AEGIS6020", 404), (problem.Code, problem.ResponseStatusCode));
    }

    [Fact]
    public async Task EveryOperation_AnswersAsDeclared()
    {
        var things = await Things.MakeAsync(server, server.AcmeKeys, "acme");
        await server.Seed.EventAsync(server.AcmeKeys, things.Run, "TaskStarted",
            """{"step_id":"build","attempt":1,"tool":"flow.noop"}""");
        await server.Seed.EventAsync(server.AcmeKeys, things.Run, "ToolReturned",
            "{\"step_id\":\"build\",\"attempt\":1,\"call_id\":\"CALL\",\"tool\":\"llm.chat\",\"ok\":true,"
            .Replace("CALL", $"{things.Run}.build.1", StringComparison.Ordinal) + """
            "models":[{"asked":"fast","task_type":"coding","provider":"here","model":"small","origin":"live",
            "outcome":"answered","tokens":{}}]}
            """);
        // what the engine of these tests calls each run that it starts
        await server.Seed.RunAsync(server.AcmeKeys, "succeeded", id: "run_made");
        var acme = ServerFixture.Acme;
        foreach (var name in new[] { "github_webhook", "webhook_hooked" })
        {
            await server.Server.Parts.Secrets.SetAsync(
                acme, server.AcmeKeys, name, HookSecret, "key:a", default);
        }
        await server.Server.Parts.Workflows.PutAsync(server.AcmeKeys, new NewWorkflow("hooked", "plan_own",
            "h", "key:a", [], [new WebhookTrigger(), new ApiTrigger()], null, null), default);
        await server.SendAsync("PUT", "/v1/profile", server.AcmeKey, """{"yaml":"models: {}"}""");
        var pulls = server.Server.Parts.Machine.Pulls;
        foreach (var model in new[] { "acme/tiny:a.gguf", "acme/tiny:b.gguf" })
        {
            await pulls.StartAsync(ModelName.Parse(model), "main", null, default);
            await pulls.EndOfAsync(ModelName.Parse(model));
        }
        var plan = Path.GetTempFileName();
        await File.WriteAllTextAsync(plan, JsonSerializer.Serialize(await InputAsync(things)));
        var said = await NodeProgram.RunAsync("openapi-conform.mjs", plan);
        File.Delete(plan);
        Assert.True(said.EndsWith(" 0 wrong\n", StringComparison.Ordinal), said);
        Assert.Matches("^[0-9]{2,} operations, [0-9]{3,} requests, ", said);
    }

    private async Task<object> InputAsync(Things things) => new
    {
        url = server.Server.Url.ToString().TrimEnd('/'),
        secret = HookSecret,
        keys = new
        {
            project = server.AcmeKey,
            wide = server.AcmeWide,
            @operator = server.OperatorKey,
            none = await server.KeyAsync("acme", "web", "tools:none"),
        },
        ids = new Dictionary<string, string>
        {
            ["tenant"] = "acme", ["project"] = "web", ["plan"] = things.Plan, ["run"] = things.Run,
            ["step"] = "build", ["task"] = $"{things.Run}.build", ["approval"] = $"{things.Run}.build",
            ["queue"] = "support",
            ["workflow"] = "hooked", ["webhook"] = $"wh_{things.Key}", ["delivery"] = $"msg_{things.Key}",
            ["secret"] = "token", ["spawn"] = things.Run + "s", ["key"] = things.Key,
            ["deployment"] = DeploymentBench.Name,
            ["article"] = "file-upload",
            ["vaccine"] = Things.VaccineOf(things.Key), ["session"] = $"chat_{things.Key}",
            ["lease"] = $"lock_{things.Key}", ["replacement"] = $"rep_{things.Key}",
            ["device"] = $"dev_{things.Key}", ["offer"] = $"off_{things.Key}", ["terminal"] = things.Run,
            ["artifact"] = "report", ["tool"] = "flow.noop", ["outside"] = "mcp.notes.add",
            ["token"] = server.Server.Parts.Links.Make(new DownloadClaim(ServerFixture.Acme, "report", 1,
                TimeProvider.System.GetUtcNow().AddHours(1))),
        },
        // bodies of which the schema cannot tell what would do
        bodies = new Dictionary<string, object>
        {
            ["pullModel"] = new { model = "acme/tiny:a.gguf" },
            ["pinModel"] = new { model = "acme/tiny:a.gguf", pinned = false },
            ["useModel"] = new { model = "acme/tiny:a.gguf" },
            ["removeModel"] = new { model = "acme/tiny:b.gguf" },
            ["setTenantTier"] = new { tenant = "acme", tier = (string?)null },
            // the runs of other tests hold facts that no engine writes
            ["replayPolicy"] = new { since = "2100-01-01T00:00:00Z" },
            ["receiveGithubDelivery"] = new { zen = "Keep it logically awesome." },
            ["testModels"] = new { models = Array.Empty<string>() },
            ["judgeCall"] = new { call_id = $"{things.Run}.build.1", kind = "auditor", value = 0.5 },
            ["createPlan"] = new { workflow = "name: ci" },
            ["createWorkflowPlan"] = new { workflow = "name: ci" },
            ["createRun"] = new { workflow = "name: ci" },
            ["putArtifact"] = new { path = "a.md", content = "words" },
            ["invokeTool"] = new { input = new { } },
            ["approveOutsideTool"] = new { hash = Things.OutsideHash },
            ["bindSecret"] = new { hosts = new[] { "api.example.org" } },
            ["createSpawn"] = new { name = "hello", command = "echo", args = new[] { "a" } },
            ["createWebhook"] = new { url = "https://example.com/hook", secret_name = "token" },
        },
    };
}
