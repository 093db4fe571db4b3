using System.Text.Json;
using Aegis.Client;
using Aegis.Server.Tests.Support;
using Aegis.Tests.Shared;

namespace Aegis.Server.Tests;

/// <summary>The first start on an empty home, and the starts after it.</summary>
public sealed class HomeTests : IAsyncLifetime
{
    private readonly LedgerFixture ledger = new();
    private readonly string home = Directory.CreateTempSubdirectory("aegis-home-").FullName;

    private string KeyFile => Path.Combine(home, "admin-key.json");

    private string ServerFile => Path.Combine(home, "server.json");

    public Task InitializeAsync() => ledger.InitializeAsync();

    public Task DisposeAsync() => ledger.DisposeAsync();

    [Fact]
    public async Task FirstStart_WritesAKeyThatWorks_ForItsOwnerOnly_AndOnlyOnce()
    {
        await using (var first = await StartAsync())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyFile));
            var file = Read(KeyFile);
            Assert.Equal(("default", "default"),
                (file.GetProperty("tenant").GetString(), file.GetProperty("project").GetString()));
            Assert.Equal(first.Url.GetLeftPart(UriPartial.Authority), file.GetProperty("url").GetString());
            using var client = Client(first, file);
            Assert.Equal(["default"], (await client.ListTenantsAsync()).Items.Select(t => t.Id));
            Assert.Empty((await client.ListRunsAsync()).Items);
        }
        var key = await File.ReadAllTextAsync(KeyFile);
        await using var second = await StartAsync();
        Assert.Equal(key, await File.ReadAllTextAsync(KeyFile));
    }

    [Fact]
    public async Task StartAfterAKill_BetweenKeyAndItsFile_MakesAnotherKey()
    {
        await using (await StartAsync())
        {
        }
        File.Delete(KeyFile);
        await File.WriteAllTextAsync(KeyFile + ".pending", "");
        await using var server = await StartAsync();
        using var client = Client(server, Read(KeyFile));
        Assert.Equal(2, (await client.ListKeysAsync()).Items.Count);
        Assert.False(File.Exists(KeyFile + ".pending"));
    }

    [Fact]
    public async Task ServerFile_NamesThisProcess_WhileItIsReady()
    {
        var engine = new ScriptedEngine();
        var server = await StartAsync(engine);
        var file = Read(ServerFile);
        var stat = await File.ReadAllTextAsync("/proc/self/stat");
        Assert.Equal(Environment.ProcessId, file.GetProperty("pid").GetInt32());
        Assert.Equal(
            stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19], file.GetProperty("start_time").GetRawText());
        Assert.False(engine.Stopped);
        await server.StopAsync();
        Assert.True(engine.Stopped);
        Assert.False(File.Exists(ServerFile));
        using var http = new HttpClient();
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(new Uri(server.Url, "healthz")));
    }

    [Fact]
    public async Task Stop_EndsOpenStreams()
    {
        var engine = new ScriptedEngine();
        var server = await StartAsync(engine);
        var seed = new Seed(ledger);
        var keys = (
            await ledger.Tenants.ResolveAsync(new Core.Tenancy("default", "default"), default))!.Value;
        var run = await seed.RunAsync(keys);
        await seed.EventAsync(keys, run, "RunStarted", "{}");
        using var client = new AegisClient(
            server.Url.ToString(), Read(KeyFile).GetProperty("key").GetString()!, null,
            "default")
        {
            ReconnectsMax = 0,
        };
        var following = Task.Run(async () =>
        {
            await foreach (var _ in client.FollowEventsAsync(run))
            {
            }
        });
        await engine.RunDeskScript.WaitsAt(run, 1).WaitAsync(TimeSpan.FromSeconds(60));
        await server.StopAsync().WaitAsync(TimeSpan.FromSeconds(60));
        await Assert.ThrowsAsync<AegisUnreachableException>(
            () => following.WaitAsync(TimeSpan.FromSeconds(60)));
    }

    private Task<AegisServer> StartAsync(ScriptedEngine? engine = null) =>
        ServerFixture.StartAsync(ledger.Url, engine ?? new ScriptedEngine(), home);

    private static AegisClient Client(AegisServer server, JsonElement file) =>
        new(server.Url.ToString(), file.GetProperty("key").GetString()!, null,
            file.GetProperty("project").GetString());

    private static JsonElement Read(string file) => JsonDocument.Parse(File.ReadAllBytes(file)).RootElement;
}
