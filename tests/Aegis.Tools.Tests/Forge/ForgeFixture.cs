using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Aegis.Core;
using Aegis.Gate;
using Aegis.Processes;
using Aegis.Server;
using Aegis.Server.Configuration;
using Aegis.Server.Forge;
using Aegis.Server.Rooms;
using Aegis.Tests.Shared;
using Aegis.Tools.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aegis.Tools.Tests.Forge;

/// <summary>The real server with the real forge on a free port, over a real ledger with two
/// tenants.</summary>
public sealed class ForgeFixture : IAsyncLifetime
{
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(60) };
    private readonly ProcessLauncher launcher = new();
    private readonly string home = Directory.CreateTempSubdirectory("aegis-forge-").FullName;
    private int made;

    public static Tenancy Acme { get; } = new("acme", "web");

    public LedgerFixture Ledger { get; } = new();

    public AegisServer Server { get; private set; } = null!;

    public ForgeRoom Forge { get; private set; } = null!;

    public string Root => Path.Combine(home, "forge");

    public string WriteKey { get; private set; } = "";

    public string ReadKey { get; private set; } = "";

    public string RivalKey { get; private set; } = "";

    public async Task InitializeAsync()
    {
        await Ledger.InitializeAsync();
        await Ledger.CreateProjectAsync(Acme);
        await Ledger.CreateProjectAsync(new Tenancy("rival", "web"));
        Server = await AegisServer.StartAsync(
            new ServerOptions { Home = home, Port = 0, Postgres = Ledger.Url },
            (parts, _) =>
            {
                Forge = new ForgeRoom(Root, launcher, parts.Ledger, parts.Time);
                return ValueTask.FromResult(new OpenRooms(null, Forge));
            }, NullLoggerFactory.Instance, TimeProvider.System, CancellationToken.None);
        http.BaseAddress = Server.Url;
        WriteKey = await KeyAsync("acme", "repo:read", "repo:write");
        ReadKey = await KeyAsync("acme", "repo:read");
        RivalKey = await KeyAsync("rival", "admin:*");
    }

    public async Task<string> KeyAsync(string tenant, params string[] scopes) =>
        (await Ledger.Tenants.CreateKeyAsync(
            tenant, "web", "test", [.. scopes], CancellationToken.None)).Secret;

    /// <summary>A fresh repository with main (two commits) and feature (one more).</summary>
    public async Task<ForgeRepository> RepositoryAsync()
    {
        var name = $"repo{Interlocked.Increment(ref made)}";
        await Forge.CreateAsync(Acme, name, CancellationToken.None);
        return new ForgeRepository(this, name, Forge.Repositories.Existing(Acme, name));
    }

    public string CloneUrl(string name, string key) =>
        $"http://any:{key}@{Server.Url.Authority}/git/web/{name}.git";

    public async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(string method, string path,
        object? body = null, string? key = null)
    {
        var (status, json, _) = await ExchangeAsync(method, path, body, key);
        return (status, json);
    }

    public async ValueTask<ForgeReply> ReplyAsync(ForgeRequest request)
    {
        var (status, body, next) = await ExchangeAsync(request.Method, request.Path, request.Body, null);
        return new ForgeReply((int)status, body, next);
    }

    /// <summary>Sends with a condition; the status and the entity tag of the answer.</summary>
    public async Task<(int Status, string? Tag)> ConditionalAsync(string method, string path,
        string header, string value, object? body = null)
    {
        using var request = Request(method, path, body, null);
        request.Headers.TryAddWithoutValidation(header, value);
        using var reply = await http.SendAsync(request);
        return ((int)reply.StatusCode, reply.Headers.ETag?.ToString());
    }

    private HttpRequestMessage Request(string method, string path, object? body, string? key)
    {
        var request = new HttpRequestMessage(
            new HttpMethod(method), new Uri("forge" + path, UriKind.Relative));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key ?? WriteKey);
        if (body is not null)
        {
            var text = body as string ?? JsonSerializer.Serialize(body);
            request.Content = new StringContent(text, Encoding.UTF8, "application/json");
        }
        return request;
    }

    private async Task<(HttpStatusCode Status, JsonElement Body, string? Next)> ExchangeAsync(string method,
        string path, object? body, string? key)
    {
        using var request = Request(method, path, body, key);
        using var reply = await http.SendAsync(request);
        var bytes = await reply.Content.ReadAsByteArrayAsync();
        return (reply.StatusCode, bytes.Length == 0 ? default : JsonElement.Parse(bytes),
            ForgeLink.Next(reply.Headers.TryGetValues("Link", out var links) ? links : [],
                new Uri(Server.Url, "/forge/")));
    }

    public async Task DisposeAsync()
    {
        http.Dispose();
        await Server.DisposeAsync();
        Forge.Dispose();
        launcher.Dispose();
        await Ledger.DisposeAsync();
        Directory.Delete(home, recursive: true);
    }
}

/// <summary>A repository at the forge and a seed clone beside it.</summary>
public sealed class ForgeRepository : IDisposable
{
    private readonly ForgeFixture forge;
    private readonly string folder = Directory.CreateTempSubdirectory("aegis-seed-").FullName;

    public ForgeRepository(ForgeFixture forge, string name, string bare)
    {
        this.forge = forge;
        (Name, Bare) = (name, bare);
        GitFixture.Run(folder, "init", "-q", "-b", "main");
        Commit("a", "1\n");
        Commit("b", "1\n");
        GitFixture.Run(folder, "checkout", "-q", "-b", "feature");
        Commit("c", "1\n");
        GitFixture.Run(folder, "push", "-q", bare, "main", "feature");
    }

    public string Name { get; }

    public string Bare { get; }

    public string Folder => folder;

    public string Api => $"/repos/web/{Name}";

    public string Commit(string file, string content)
    {
        File.WriteAllText(Path.Combine(folder, file), content);
        GitFixture.Run(folder, "add", "-A");
        GitFixture.Run(folder, "commit", "-q", "-m", $"write {file}");
        return GitFixture.Run(folder, "rev-parse", "HEAD");
    }

    public string Sha(string reference) => GitFixture.Run(Bare, "rev-parse", reference);

    public void Push(params string[] arguments) => GitFixture.Run(folder, ["push", "-q", Bare, .. arguments]);

    public async Task<int> PullAsync(string title = "t", string head = "feature", string target = "main",
        string body = "")
    {
        var (status, pull) =
            await forge.SendAsync("POST", Api + "/pulls", new { title, head, @base = target, body });
        Assert.True(status == HttpStatusCode.Created, $"{status} {pull}");
        return pull.GetProperty("number").GetInt32();
    }

    public RunRepository ForRun(string branch) => new(Name, Bare, branch, Sha(branch), "main");

    public void Dispose() => Directory.Delete(folder, recursive: true);
}

[CollectionDefinition(Name)]
public sealed class ForgeGroup : ICollectionFixture<ForgeFixture>
{
    public const string Name = "forge";
}
