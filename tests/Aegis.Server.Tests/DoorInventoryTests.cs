using System.Net;
using System.Text.RegularExpressions;
using Aegis.Server.Auth;
using Aegis.Server.Tests.Support;
using Aegis.Tests.Shared;

namespace Aegis.Server.Tests;

/// <summary>Reads every endpoint from the running server: a door that is added without a guard fails
/// here.</summary>
[Collection(ServerGroup.Name)]
public sealed partial class DoorInventoryTests(ServerFixture server)
{
    private static readonly string[] Open =
    [
        "/healthz", "/openapi/v1.json", "/readyz", "/v1/downloads/{token}",
            "/v1/hooks/github/{tenant}/{project}",
            "/v1/hooks/{tenant}/{project}/{workflow}",
    ];

    private IReadOnlyList<(string Method, string Path, RouteEndpoint Endpoint)> Doors =>
    [
        .. server.Server.Endpoints.Endpoints.OfType<RouteEndpoint>().SelectMany(e =>
            e.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(
                m => (m, e.RoutePattern.RawText!, e))),
    ];

    [Fact]
    public void Doors_OnlyHealthSignedHooksAndSignedLinksAreOpen_AllOthersNameAScope()
    {
        Assert.Contains(Doors, d => IsForge(d.Path));
        Assert.True(Doors.Count >= 40, $"{Doors.Count} doors");
        var open = Doors.Where(d => d.Endpoint.Metadata.GetMetadata<OpenDoor>() is not null)
            .Select(d => d.Path);
        Assert.Equal(Open, open.Order());
        Assert.All(Doors.Where(d => !Open.Contains(d.Path)), d =>
            Assert.NotNull(d.Endpoint.Metadata.GetMetadata<ScopeRequirement>()));
    }

    [Fact]
    public async Task Doors_WithoutIdentity_AllAnswer401()
    {
        foreach (var (method, path, endpoint) in Doors)
        {
            if (endpoint.Metadata.GetMetadata<OpenDoor>() is null)
            {
                var (status, body) = await server.SendAsync(method, Filled(path), null);
                Assert.True(status == HttpStatusCode.Unauthorized, $"{method} {path}: {status}");
                Assert.Equal("AEGIS6010", ProblemReading.Code(body));
            }
        }
    }

    [Fact]
    public async Task Doors_WithAKeyWithoutScopes_AllAnswer403()
    {
        var key = await server.KeyAsync("acme", "web", "tools:none");
        foreach (var (method, path, endpoint) in Doors)
        {
            if (endpoint.Metadata.GetMetadata<ScopeRequirement>() is { Scope.Length: > 0 } required)
            {
                var (status, body) = await server.SendAsync(method, Filled(path), key);
                Assert.True(status == HttpStatusCode.Forbidden, $"{method} {path}: {status}");
                Assert.True(ProblemReading.Expects(body, Filled(required.Scope)), $"{method} {path}: {body}");
            }
        }
    }

    [Fact]
    public async Task Doors_AdminOfATenant_IsNoOperator()
    {
        foreach (var (method, path, endpoint) in Doors)
        {
            if (endpoint.Metadata.GetMetadata<ScopeRequirement>()?.Scope == Scopes.Operator)
            {
                Assert.Equal(
                    HttpStatusCode.Forbidden, (await server.SendAsync(method, path, server.AcmeWide)).Status);
            }
        }
        Assert.Equal(
            HttpStatusCode.OK, (await server.SendAsync("GET", "/v1/tenants", server.OperatorKey)).Status);
    }

    [Fact]
    public void Docs_ListEveryDoorWithItsScope()
    {
        var docs = Docs.Text("docs.api.md");
        var listed = DocRow().Matches(docs)
            .Select(m => (m.Groups[1].Value, m.Groups[2].Value, m.Groups[3].Value));
        var real = Doors.Where(d => !IsForge(d.Path)).Select(d => (d.Method, d.Path,
            d.Endpoint.Metadata.GetMetadata<ScopeRequirement>()?.Scope switch
            {
                null => "none",
                "" => "any key",
                var s => $"`{s}`",
            }));
        Assert.Equal(real.Order(), listed.Order());
    }

    [Fact]
    public async Task UnknownPathOrMethod_AnswersAsAProblem()
    {
        var (missing, problem) = await server.SendAsync("GET", "/v1/nothing", server.AcmeKey);
        Assert.Equal(HttpStatusCode.NotFound, missing);
        Assert.Equal("AEGIS6022", problem.GetProperty("code").GetString());
        var (wrong, second) = await server.SendAsync("PUT", "/v1/runs", server.AcmeKey);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, wrong);
        Assert.Equal(405, second.GetProperty("status").GetInt32());
    }

    internal static string Filled(
        string path, string plan = "plan_1", string run = "run_1", string step = "build",
        string key = "key_1") =>
        path.Replace("{plan}", plan, StringComparison.Ordinal).Replace("{run}", run, StringComparison.Ordinal)
            .Replace("{task}", $"{run}.build", StringComparison.Ordinal)
            .Replace("{approval}", $"{run}.build", StringComparison.Ordinal)
            .Replace("{queue}", "support", StringComparison.Ordinal)
            .Replace("{step}", step, StringComparison.Ordinal).Replace("{key}", key, StringComparison.Ordinal)
            .Replace("{artifact}", "report", StringComparison.Ordinal)
            .Replace("{spawn}", run + "s", StringComparison.Ordinal)
            .Replace("{terminal}", run, StringComparison.Ordinal)
            .Replace("{session}", $"chat_{key}", StringComparison.Ordinal)
            .Replace("{device}", $"dev_{key}", StringComparison.Ordinal)
            .Replace("{lease}", $"lock_{key}", StringComparison.Ordinal)
            .Replace("{deployment}", DeploymentBench.Name, StringComparison.Ordinal)
            .Replace("{replacement}", $"rep_{key}", StringComparison.Ordinal)
            .Replace("{vaccine}", Things.VaccineOf(key), StringComparison.Ordinal)
            .Replace("{article}", $"own-{key}", StringComparison.Ordinal)
            .Replace("{offer}", $"off_{key}", StringComparison.Ordinal)
            .Replace("{secret}", "token", StringComparison.Ordinal)
            .Replace("{outside}", "mcp.notes.add", StringComparison.Ordinal)
            .Replace("{tool}", "flow.noop", StringComparison.Ordinal)
            .Replace("{workflow}", "own", StringComparison.Ordinal)
            .Replace("{webhook}", $"wh_{key}", StringComparison.Ordinal)
            .Replace("{delivery}", $"msg_{key}", StringComparison.Ordinal)
            .Replace("{project}", "web", StringComparison.Ordinal)
                .Replace("{repo}", "vault", StringComparison.Ordinal)
            .Replace("{number}", "1", StringComparison.Ordinal)
                .Replace("{**branch}", "main", StringComparison.Ordinal)
            .Replace("{**commit}", "main/status", StringComparison.Ordinal)
            .Replace("{**name}", "reasoning", StringComparison.Ordinal)
            .Replace("{sha}", new string('a', 40), StringComparison.Ordinal)
            .Replace("{check}", "1", StringComparison.Ordinal);

    internal static bool IsForge(string path) =>
        path.StartsWith("/forge/", StringComparison.Ordinal)
            || path.StartsWith("/git/", StringComparison.Ordinal);

    [GeneratedRegex(@"^\| `(GET|PUT|POST|DELETE) (\S+)` \| ([^|]+?) \|", RegexOptions.Multiline)]
    private static partial Regex DocRow();
}
