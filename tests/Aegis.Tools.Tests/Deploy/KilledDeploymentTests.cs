using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Aegis.Tools.Tests.Forge.Remote;

namespace Aegis.Tools.Tests.Deploy;

/// <summary>A deployment outlives the sudden end of its server, with the product as it is shipped.</summary>
public sealed class KilledDeploymentTests
{
    private const string Program = """
        const http = require('http'), fs = require('fs');
        const file = process.env.DATA_DIR + '/count';
        http.createServer((q, r) => {
          if (q.url === '/health') { r.end('ok'); return; }
          const n = fs.existsSync(file) ? Number(fs.readFileSync(file)) + 1 : 1;
          fs.writeFileSync(file, String(n));
          r.end(String(n));
        }).listen(process.env.PORT);
        """;

    [Fact]
    public async Task KilledServer_ComesBack_WithWhatItServed()
    {
        var home = Directory.CreateTempSubdirectory("aegis-killed-").FullName;
        Uri url;
        await using (var server = await ServerProcess.StartAsync(home, new Dictionary<string, string>()))
        {
            await PutAsync(server, "v1/profile", new { yaml = "policies: { without_approval: [deploy] }" });
            url = await DeployAsync(server);
            Assert.Equal("1", await server.Http.GetStringAsync(url));
            await server.KillAsync();
        }
        using (var none = new HttpClient())
        {
            // the port is free, and another assembly's server may have given it to a deployment of its own
            var gone = await Record.ExceptionAsync(() => none.GetStringAsync(url));
            Assert.True(gone is null or HttpRequestException, $"{gone}");
        }
        await using (var again = await ServerProcess.StartAsync(home, new Dictionary<string, string>()))
        {
            var shown = await again.Http.GetFromJsonAsync<JsonElement>("v1/deployments/count");
            Assert.Equal("running", shown.GetProperty("wanted").GetString());
            var told = new Uri(shown.GetProperty("url").GetString()!);
            // the request waits for the program, which has not counted the one before
            Assert.Equal("2", await again.Http.GetStringAsync(told));
            Assert.True(told == url || await IsTakenAsync(url), $"{told} in place of {url}, which is free");
        }
    }

    private static async Task<bool> IsTakenAsync(Uri url)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(url.Host, url.Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static async Task<Uri> DeployAsync(ServerProcess server)
    {
        var workflow = JsonSerializer.Serialize(new
        {
            name = "ship",
            policy = new { allow_commands = new[] { "node" } },
            steps = new object[]
            {
                new { id = "write", uses = "file.write",
                    with = new { path = "app/server.js", content = Program } },
                new { id = "deploy", uses = "deploy.process", needs = new[] { "write" },
                    with = new { name = "count", start = new[] { "node", "server.js" } } },
            },
        });
        var plan = await PostAsync(server, "v1/plans:create", new { workflow });
        var run = await PostAsync(server, $"v1/plans/{plan.GetProperty("plan_id").GetString()}:run", new { });
        using var request = new HttpRequestMessage(HttpMethod.Get,
            $"v1/runs/{run.GetProperty("run_id").GetString()}/events");
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var events = await server.Http.SendAsync(request);
        var said = await events.Content.ReadAsStringAsync();
        Assert.Contains("\"PlanCompleted\"", said);
        var shown = await server.Http.GetFromJsonAsync<JsonElement>("v1/deployments/count");
        return new Uri(shown.GetProperty("url").GetString()!);
    }

    private static async Task<JsonElement> PostAsync(ServerProcess server, string path, object body)
    {
        using var answer = await server.Http.PostAsJsonAsync(path, body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonElement.Parse(text);
    }

    private static async Task PutAsync(ServerProcess server, string path, object body)
    {
        using var answer = await server.Http.PutAsJsonAsync(path, body);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }
}
