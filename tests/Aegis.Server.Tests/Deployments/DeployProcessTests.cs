using System.Net;
using System.Text.Json;
using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests.Deployments;

/// <summary>Real node programs, deployed by runs through the product.</summary>
[Collection(RealServerGroup.Name)]
public sealed class DeployProcessTests(RealServer server)
{
    private static readonly string[] Start = ["node", "server.js"];

    [Fact]
    public async Task Deploy_SwitchesWithoutALostRequest_AndGoesBack()
    {
        var project = await DeployingProject.MakeAsync(server, "ship1");
        var first = await project.DeployAsync(new { name = "web", start = Start, settle_seconds = 1 },
            ("app/server.js", DeployingProject.Program("one")));
        var url = first.GetProperty("url").GetString()!;
        using var http = new HttpClient();
        Assert.Equal("one", await http.GetStringAsync(url + "/x?y=1"));

        using var stop = new CancellationTokenSource();
        var load = LoadAsync(url, 4, stop.Token);
        var slow = http.GetStringAsync(url + "/slow");
        var second = await project.DeployAsync(new { name = "web", start = Start, settle_seconds = 1 },
            ("app/server.js", DeployingProject.Program("two")));
        Assert.Equal(url, second.GetProperty("url").GetString());
        Assert.Equal(first.GetProperty("release").GetString(), second.GetProperty("before").GetString());
        Assert.Equal("two", await http.GetStringAsync(url));
        await http.GetStringAsync(url + "/go");
        Assert.Equal("one", await slow);
        var (status, back, _) = await project.SendAsync("POST", "/v1/deployments/web:rollback", new { });
        Assert.True(status == HttpStatusCode.OK, back.GetRawText());
        Assert.Equal("one", await http.GetStringAsync(url));
        await stop.CancelAsync();
        var (done, failed) = await load;
        Assert.True(failed.Count == 0 && done > 100, $"{done} answered, failed: {string.Join(", ", failed)}");

        Assert.Equal("DeploymentStarted DeploymentHealthy DeploymentSwitched "
            + "DeploymentStarted DeploymentHealthy DeploymentSwitched "
            + "DeploymentStarted DeploymentHealthy DeploymentRolledBack DeploymentSwitched",
            await project.FactsAsync("web", 10));
        var (_, log, _) = await AegisAsync(project, "deployments", "logs", "web");
        Assert.Contains(" app up two", log);
    }

    [Fact]
    public async Task BadVersion_IsGivenUp_AndTheOneBeforeServes()
    {
        var project = await DeployingProject.MakeAsync(server, "ship2");
        var first = await project.DeployAsync(new { name = "web", start = Start },
            ("app/server.js", DeployingProject.Program("one")));
        var error = await project.FailAsync(new { name = "web", start = Start, start_seconds = 5 },
            ("app/server.js", "throw new Error('no such luck')"));
        Assert.Equal("AEGIS2663", error.GetProperty("code").GetString());
        using var http = new HttpClient();
        Assert.Equal("one", await http.GetStringAsync(first.GetProperty("url").GetString()));
        var shown = await project.ShowAsync("web");
        Assert.Equal(("healthy", first.GetProperty("release").GetString()),
            (shown.GetProperty("status").GetString(), shown.GetProperty("release").GetString()));
        Assert.Equal(["rolled_back", "served"], shown.GetProperty("versions").EnumerateArray()
            .Select(v => v.GetProperty("verdict").GetString()));
        Assert.EndsWith("DeploymentStarted DeploymentRolledBack", await project.FactsAsync("web", 5));
    }

    [Fact]
    public async Task Program_ThatDies_IsStartedAgain_AndALoopGoesBack()
    {
        var project = await DeployingProject.MakeAsync(server, "ship3");
        var first = await project.DeployAsync(new { name = "web", start = Start, settle_seconds = 0 },
            ("app/server.js", DeployingProject.Program("one")));
        var url = first.GetProperty("url").GetString()!;
        using var http = new HttpClient();
        await DieAsync(http, url);
        // held until it is there again
        Assert.Equal("one", await http.GetStringAsync(url));
        await project.DeployAsync(new { name = "web", start = Start, settle_seconds = 0 },
            ("app/server.js", DeployingProject.Program("two")));
        for (var i = 0; i < 3; i++)
        {
            await DieAsync(http, url);
        }
        var back = await project.UntilAsync("web", d => d.GetProperty("status").GetString() == "healthy"
            && d.GetProperty("release").GetString() == first.GetProperty("release").GetString());
        Assert.Equal("one", await http.GetStringAsync(url));
        Assert.True(back.GetProperty("restarts").GetInt32() >= 4);
        await project.FactsAsync("web", "DeploymentCrashed DeploymentRolledBack DeploymentSwitched");
    }

    [Fact]
    public async Task Deploy_AsksAHuman_UnlessTheProfileSaysOtherwise()
    {
        var project = await DeployingProject.MakeAsync(server, "ship4", asks: true);
        var run = await project.StartAsync(new { name = "web", start = Start },
            ("app/server.js", DeployingProject.Program("one")));
        var facts = await server.EventsUntilAsync(run, project.Key, seen => seen.Any(f =>
            f.GetProperty("type").GetString() == "ApprovalRequested"));
        Assert.Equal("default: deploy.process",
            facts[^1].GetProperty("payload").GetProperty("rule").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await project.SendAsync("GET", "/v1/deployments/web")).Status);
        var (granted, _, _) = await project.SendAsync("POST", $"/v1/approvals/{run}.deploy:grant", new { });
        Assert.Equal(HttpStatusCode.Accepted, granted);
        await server.EndedAsync(run, project.Key);
        Assert.Equal("healthy", (await project.ShowAsync("web")).GetProperty("status").GetString());
    }

    [Fact]
    public async Task FullStack_OneAddress_RoutesByPath()
    {
        var project = await DeployingProject.MakeAsync(server, "ship5");
        await project.SendAsync("PUT", "/v1/secrets/api-key", new { value = "v4lue-of-the-s3cret-key" });
        var made = await project.DeployAsync(new
        {
            name = "shop",
            services = new object[]
            {
                new { name = "backend", route = "/api", folder = "backend", start = Start, strip = true,
                    secrets = new { API_KEY = "api-key" } },
                new { name = "frontend", folder = "frontend" },
            },
        }, ("app/backend/server.js", DeployingProject.Program("api")),
            ("app/frontend/index.html", "<h1>shop</h1>"), ("app/frontend/app-1a2b3c4d.js", "let x"),
            ("app/secret.txt", "of the tree's root"));
        var url = made.GetProperty("url").GetString()!;
        using var http = new HttpClient();
        using var api = await http.GetAsync(url + "/api/items?q=1");
        Assert.Equal(("api", "/items?q=1"), (await api.Content.ReadAsStringAsync(),
            api.Headers.GetValues("x-saw").Single()));
        Assert.Equal("<h1>shop</h1>", await http.GetStringAsync(url));
        Assert.Equal("<h1>shop</h1>", await http.GetStringAsync(url + "/deep/page"));
        using var asset = await http.GetAsync(url + "/app-1a2b3c4d.js");
        Assert.Equal(("text/javascript", "public, max-age=31536000, immutable"),
            (asset.Content.Headers.ContentType!.MediaType, asset.Headers.CacheControl!.ToString()));
        foreach (var wrong in new[] { "/..%2fsecret.txt", "/../secret.txt", "/.git/config", "/no.png" })
        {
            using var refused = await http.GetAsync(url + wrong);
            Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        }
        var env = await http.GetStringAsync(url + "/api/env");
        Assert.Contains("v4lue-of-the-s3cret-key", env);
        Assert.Equal(["backend", "frontend"], (await project.ShowAsync("shop")).GetProperty("services")
            .EnumerateArray().Where(s => s.GetProperty("well").GetBoolean())
            .Select(s => s.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task StopAndStart_ByTheCommandLine_AndAStrangerCanDoNothing()
    {
        var project = await DeployingProject.MakeAsync(server, "ship6");
        var made = await project.DeployAsync(new { name = "web", start = Start },
            ("app/server.js", DeployingProject.Program("six")));
        var url = made.GetProperty("url").GetString()!;
        var stranger = await DeployingProject.MakeAsync(server, "ship6", tenant: "rival");
        foreach (var (method, path) in new[] { ("GET", ""), ("GET", "/log"), ("POST", ":stop"),
            ("POST", ":start"), ("POST", ":rollback") })
        {
            var (status, _, _) = await stranger.SendAsync(method, $"/v1/deployments/web{path}");
            Assert.Equal(HttpStatusCode.NotFound, status);
        }
        Assert.Empty((await stranger.SendAsync("GET", "/v1/deployments")).Body.GetProperty("items")
            .EnumerateArray());
        using var http = new HttpClient();
        Assert.Equal("six", await http.GetStringAsync(url));
        Assert.Equal(0, (await AegisAsync(project, "deployments", "stop", "web")).Exit);
        Assert.Equal("stopped", (await project.ShowAsync("web")).GetProperty("status").GetString());
        // the port is anybody's now, and may be another's when it starts again
        Assert.NotEqual("six", await AnswerAsync(http, url));
        var (exit, shown, _) = await AegisAsync(project, "deployments", "start", "web", "--json");
        var started = JsonElement.Parse(shown);
        Assert.Equal((0, "healthy"), (exit, started.GetProperty("status").GetString()));
        url = started.GetProperty("url").GetString()!;
        Assert.Equal("six", await http.GetStringAsync(url));
        var (_, list, _) = await AegisAsync(project, "deployments", "list");
        Assert.Contains(url, list);
    }

    private Task<(int Exit, string Output, string Error)> AegisAsync(
        DeployingProject project, params string[] arguments) => server.AegisAsync(arguments, project.Key);

    /// <summary>What answers there, if anything does.</summary>
    private static async Task<string?> AnswerAsync(HttpClient http, string url)
    {
        try
        {
            return await http.GetStringAsync(url);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>The program ends in the middle of the request.</summary>
    private static async Task DieAsync(HttpClient http, string url)
    {
        using var died = await http.PostAsync(new Uri(url + "/die"), null);
        Assert.Equal(HttpStatusCode.BadGateway, died.StatusCode);
        Assert.True((await http.GetAsync(new Uri(url))).IsSuccessStatusCode);
    }

    /// <summary>Asks without a pause until it is told to stop.</summary>
    private static async Task<(int Done, List<string> Failed)> LoadAsync(
        string url, int at, CancellationToken stop)
    {
        var (done, failed) = (0, new List<string>());
        await Task.WhenAll(Enumerable.Range(0, at).Select(_ => Task.Run(async () =>
        {
            using var http = new HttpClient();
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    using var answer = await http.GetAsync(new Uri(url), CancellationToken.None);
                    var text = await answer.Content.ReadAsStringAsync(CancellationToken.None);
                    if (answer.StatusCode != HttpStatusCode.OK || text is not ("one" or "two"))
                    {
                        lock (failed)
                        {
                            failed.Add($"{answer.StatusCode} {text}");
                        }
                    }
                    Interlocked.Increment(ref done);
                }
                catch (HttpRequestException e)
                {
                    lock (failed)
                    {
                        failed.Add(e.Message);
                    }
                }
            }
        }, CancellationToken.None)));
        return (done, failed);
    }
}
