using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Aegis.Core;

namespace Aegis.Server.Tests.Support;

/// <summary>A project of its own whose runs deploy real programs.</summary>
public sealed class DeployingProject
{
    private readonly RealServer server;

    private DeployingProject(RealServer server, string key) => (this.server, Key) = (server, key);

    public string Key { get; }

    /// <summary>Answers its version, and what else a test asks of it.</summary>
    public static string Program(string version) => $$"""
        const http = require('http'), fs = require('fs'), data = process.env.DATA_DIR;
        http.createServer((q, r) => {
          if (q.url === '/health') { r.end('ok'); return; }
          if (q.url === '/die') { process.exit(3); }
          if (q.url === '/slow') {
            // until any version is asked to let it go
            const wait = fs.watch(data, () => {
              if (fs.existsSync(data + '/go')) { wait.close(); r.end('{{version}}'); }
            });
            return;
          }
          if (q.url === '/go') { fs.writeFileSync(data + '/go', ''); r.end('gone'); return; }
          if (q.url.startsWith('/env')) { r.end(JSON.stringify(process.env)); return; }
          r.setHeader('x-saw', q.url);
          r.end('{{version}}');
        }).listen(process.env.PORT);
        console.log('up {{version}}');
        """;

    public static async Task<DeployingProject> MakeAsync(RealServer server, string project,
        bool asks = false, string tenant = "acme")
    {
        await server.ProjectAsync(new Tenancy(tenant, project));
        var made = new DeployingProject(server, (await server.MakeKeyAsync(new(tenant, project))).Secret)
        {
            Project = project,
        };
        if (!asks)
        {
            var (status, body, _) = await server.SendAsync("PUT", "/v1/profile",
                JsonSerializer.Serialize(new { yaml = "policies: { without_approval: [deploy] }" }),
                made.Key);
            Assert.True(status is HttpStatusCode.OK or HttpStatusCode.Created, body.GetRawText());
        }
        return made;
    }

    /// <summary>Starts a run that writes files and deploys them.</summary>
    public async Task<string> StartAsync(object deploy, params (string Path, string Text)[] files)
    {
        var steps = files.Select((f, i) => new
        {
            id = $"write{i}", uses = "file.write",
            with = (object)new { path = f.Path, content = f.Text },
            needs = Array.Empty<string>(),
        }).Append(new
        {
            id = "deploy", uses = "deploy.process", with = deploy,
            needs = files.Select((_, i) => $"write{i}").ToArray(),
        });
        var workflow = JsonSerializer.Serialize(new
        {
            name = "ship", policy = new { allow_commands = new[] { "node" } }, steps,
        });
        var (made, plan, _) = await SendAsync("POST", "/v1/plans:create", new { workflow });
        Assert.True(made is HttpStatusCode.OK or HttpStatusCode.Created, plan.GetRawText());
        var (_, run, _) = await SendAsync(
            "POST", $"/v1/plans/{plan.GetProperty("plan_id").GetString()}:run", new { });
        Assert.True(run.TryGetProperty("run_id", out var id), run.GetRawText());
        return id.GetString()!;
    }

    /// <summary>The outputs of the deploying step.</summary>
    public async Task<JsonElement> DeployAsync(object deploy, params (string Path, string Text)[] files)
    {
        var facts = await server.EndedAsync(await StartAsync(deploy, files), Key);
        var done = facts.LastOrDefault(f => f.GetProperty("type").GetString() == "TaskCompleted"
            && f.GetProperty("payload").GetProperty("step_id").GetString() == "deploy");
        Assert.True(done.ValueKind == JsonValueKind.Object,
            string.Join('\n', facts.TakeLast(6).Select(f => f.GetRawText())));
        return done.GetProperty("payload").GetProperty("outputs");
    }

    /// <summary>What the deploying step failed with.</summary>
    public async Task<JsonElement> FailAsync(object deploy, params (string Path, string Text)[] files)
    {
        var facts = await server.EndedAsync(await StartAsync(deploy, files), Key);
        return facts.Last(f => f.GetProperty("type").GetString() == "TaskFailed")
            .GetProperty("payload").GetProperty("error");
    }

    public Task<(HttpStatusCode Status, JsonElement Body, string? Location)> SendAsync(
        string method, string path, object? body = null) =>
        server.SendAsync(method, path, body is null ? null : JsonSerializer.Serialize(body), Key);

    public async Task<JsonElement> ShowAsync(string name)
    {
        var (status, body, _) = await SendAsync("GET", $"/v1/deployments/{name}");
        Assert.True(status == HttpStatusCode.OK, body.GetRawText());
        return body;
    }

    /// <summary>The deployment, once it says what is waited for. Asks again for at most a minute.</summary>
    public async Task<JsonElement> UntilAsync(string name, Predicate<JsonElement> enough)
    {
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        JsonElement last = default;
        for (var i = 0; i < 600; i++)
        {
            last = await ShowAsync(name);
            if (enough(last))
            {
                return last;
            }
            await beat.WaitForNextTickAsync();
        }
        throw new Xunit.Sdk.XunitException($"{name} stayed {last.GetRawText()}");
    }

    /// <summary>Its log, once it holds this text. Asks again for at most a minute.</summary>
    public async Task<string> LogAsync(string name, string text)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            using var request = new HttpRequestMessage(
                HttpMethod.Get, new Uri($"/v1/deployments/{name}/log", UriKind.Relative));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Key);
            using var answer = await server.Http.SendAsync(request, limit.Token);
            var log = await answer.Content.ReadAsStringAsync(limit.Token);
            if (log.Contains(text, StringComparison.Ordinal))
            {
                return log;
            }
            await beat.WaitForNextTickAsync(limit.Token);
        }
    }

    /// <summary>The facts of its stream, by type, once they hold these.</summary>
    public Task<string> FactsAsync(string name, string held) => server.UntilAsync("""
        SELECT types FROM (SELECT string_agg(e.type, ' ' ORDER BY e.version) AS types FROM events e
          JOIN streams s USING (stream_key) JOIN projects p ON p.project_key = s.project_key
         WHERE s.stream_id = 'deployment/' || $1 AND p.project_id = $2) facts
         WHERE types LIKE '%' || $3 || '%'
        """, name, Project, held);

    /// <summary>The facts of its stream, by type, once there are so many.</summary>
    public Task<string> FactsAsync(string name, int atLeast) => server.UntilAsync("""
        SELECT CASE WHEN count(*) >= $3 THEN string_agg(e.type, ' ' ORDER BY e.version) END
          FROM events e JOIN streams s USING (stream_key) JOIN projects p ON p.project_key = s.project_key
         WHERE s.stream_id = 'deployment/' || $1 AND p.project_id = $2
        """, name, Project, atLeast);

    public required string Project { get; init; }
}
