using System.Net;
using System.Text.Json;
using Aegis.Server.Tests.Support;
using Aegis.Tests.Shared;

namespace Aegis.Server.Tests.Deployments;

/// <summary>What a hostile program that is served can reach. Each place is shown to be there by who may reach
/// it, so that a refusal is the wall's.</summary>
[Collection(RealServerGroup.Name)]
public sealed class DeploymentWallTests(RealServer server)
{
    // tries what it is asked to and says what came of it
    private const string Hostile = """
        const http = require('http'), net = require('net'), fs = require('fs'), dgram = require('dgram');
        function tcp(host, port) {
          return new Promise(done => {
            const s = net.connect({ host, port, timeout: 1500 }, () => { s.destroy(); done('reached'); });
            s.on('error', e => done(e.code)); s.on('timeout', () => { s.destroy(); done('timeout'); });
          });
        }
        http.createServer(async (q, r) => {
          if (q.url === '/health') { r.end('ok'); return; }
          const ask = JSON.parse(decodeURIComponent(q.url.slice(2)));
          if (ask.tcp) { r.end(await tcp(ask.tcp[0], ask.tcp[1])); return; }
          try {
            if (ask.read) r.end('read ' + fs.readFileSync(ask.read).length);
            else if (ask.list) r.end(fs.readdirSync(ask.list).join(' '));
            else if (ask.write) { fs.writeFileSync(ask.write, 'x'); r.end('wrote'); }
            else r.end('?');
          } catch (e) { r.end(e.code); }
        }).listen(process.env.PORT);
        """;

    [Fact]
    public async Task HostileProgram_ReachesNothingOfTheHost()
    {
        var project = await DeployingProject.MakeAsync(server, "hostile");
        var evil = await project.DeployAsync(new { name = "evil", start = new[] { "node", "server.js" } },
            ("app/server.js", Hostile));
        var other = await project.DeployAsync(new { name = "other", start = new[] { "node", "server.js" } },
            ("app/server.js", Hostile));
        var url = evil.GetProperty("url").GetString()!;
        using var listener = new LoopbackPort();
        var product = server.Server.Url.Port;
        var neighbour = new Uri(other.GetProperty("url").GetString()!).Port;
        using var http = new HttpClient();

        // the control: what it asks for is there, and its own port is reachable from inside
        Assert.Equal("reached", await AskAsync(http, url, new { tcp = new object[] { "127.0.0.1", 8080 } }));
        foreach (var port in new[] { listener.Number, product, neighbour })
        {
            using var here = new System.Net.Sockets.TcpClient();
            await here.ConnectAsync(IPAddress.Loopback, port);
            Assert.Equal("ECONNREFUSED",
                await AskAsync(http, url, new { tcp = new object[] { "127.0.0.1", port } }));
        }
        foreach (var address in Addresses())
        {
            var said = await AskAsync(http, url, new { tcp = new object[] { address, product } });
            Assert.True(said is "ENETUNREACH" or "EHOSTUNREACH", $"{address}: {said}");
        }
        Assert.Equal("ENETUNREACH", await AskAsync(http, url, new { tcp = new object[] { "1.1.1.1", 53 } }));

        // the home: its master key, the database, what else is deployed
        Assert.True(File.Exists(Path.Combine(server.Home, "secrets.key")));
        foreach (var path in new[] { "secrets.key", "deployments", "blobs" })
        {
            Assert.Equal("ENOENT", await AskAsync(http, url, new { list = Path.Combine(server.Home, path) }));
        }
        Assert.DoesNotContain("other", await AskAsync(http, url, new { list = "/data" }));
        Assert.Equal("wrote", await AskAsync(http, url, new { write = "/data/mine" }));
        Assert.Equal("wrote", await AskAsync(http, url, new { write = "/work/app.tmp" }));
        foreach (var path in new[] { "/usr/x", "/etc/x", "/x" })
        {
            Assert.Equal("EROFS", await AskAsync(http, url, new { write = path }));
        }
    }

    [Fact]
    public async Task Data_StaysOverVersions_AndTheTreeDoesNotChange()
    {
        var project = await DeployingProject.MakeAsync(server, "keeps");
        var made = await project.DeployAsync(new { name = "web", start = new[] { "node", "server.js" } },
            ("app/server.js", Hostile));
        var url = made.GetProperty("url").GetString()!;
        using var http = new HttpClient();
        await AskAsync(http, url, new { write = "/data/kept" });
        await AskAsync(http, url, new { write = "/work/server.js" });
        Assert.Equal("read 1", await AskAsync(http, url, new { read = "/work/server.js" }));
        await project.DeployAsync(new
        {
            name = "web", start = new[] { "node", "server.js" }, env = new { V = "2" },
        },
            ("app/server.js", Hostile));
        Assert.Equal("read 1", await AskAsync(http, url, new { read = "/data/kept" }));
        Assert.Equal($"read {Hostile.Length}", await AskAsync(http, url, new { read = "/work/server.js" }));
    }

    [Fact]
    public async Task Secret_IsMaskedInTheLog()
    {
        var project = await DeployingProject.MakeAsync(server, "masked");
        const string secret = "pAssw0rd-of-the-d4tabase-77";
        await project.SendAsync("PUT", "/v1/secrets/db", new { value = secret });
        await project.DeployAsync(new
        {
            name = "web", start = new[] { "node", "server.js" }, secrets = new { DB = "db" },
        }, ("app/server.js", "console.log('got', process.env.DB, 'end');" + DeployingProject.Program("one")));
        var log = await project.LogAsync("web", " end\n");
        Assert.Contains("got *** end", log);
        Assert.DoesNotContain(secret, log);
    }

    private static Task<string> AskAsync(HttpClient http, string url, object ask) =>
        http.GetStringAsync($"{url}/?{Uri.EscapeDataString(JsonSerializer.Serialize(ask))}");

    private static IEnumerable<string> Addresses() => System.Net.NetworkInformation.NetworkInterface
        .GetAllNetworkInterfaces().SelectMany(i => i.GetIPProperties().UnicastAddresses)
        .Select(a => a.Address)
        .Where(a => a.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork
            && !IPAddress.IsLoopback(a))
        .Select(a => a.ToString());
}
