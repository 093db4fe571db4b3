using Aegis.Core;
using Aegis.Server.Configuration;
using Aegis.Server.Mcp.Sources;
using Aegis.Tests.Shared;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aegis.Server.Tests.Mcp.Conformance;

/// <summary>Other people's programs against the product's own /mcp: the conformance suite with both sets of
/// requirements, the TypeScript SDK's client, the inspector's command line. They know no keys: a small proxy
/// on loopback adds one.</summary>
public sealed class McpConformanceTests : IAsyncLifetime
{
    private readonly LedgerFixture ledger = new();
    private AegisServer server = null!;
    private string key = "";

    public async Task InitializeAsync()
    {
        await ledger.InitializeAsync();
        await ledger.CreateProjectAsync(new Tenancy("acme", "web"));
        key = (await ledger.Tenants.CreateKeyAsync("acme", "web", "conformance",
            ["tools:*", "runs:*", "plans:*", "artifacts:*"], CancellationToken.None)).Secret;
        server = await AegisServer.StartAsync(
            new ServerOptions
            {
                Home = Directory.CreateTempSubdirectory("aegis-mcp-").FullName,
                Port = 0,
                Postgres = ledger.Url,
            },
            async (parts, cancel) => await Composition.OpenRoomsAsync(
                parts with { MoreTools = [.. ScenarioTools.All] }, cancel) with
                {
                    McpSources = new McpSources([new ScenarioResources()], [new ScenarioPrompts()]),
                },
            NullLoggerFactory.Instance, TimeProvider.System, CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        await server.DisposeAsync();
        await ledger.DisposeAsync();
    }

    [Theory]
    [InlineData("2025-11-25", 30)]
    [InlineData("2026-07-28", 37, "json-schema-2020-12", "http-header-validation",
        "http-custom-header-server-validation")]
    public async Task Suite_AllRequiredScenariosPass(
        string revision, int scenarios, params string[] further)
    {
        var said = await NodeProgram.RunAsync(
            "mcp/conformance.mjs", [server.Url.ToString(), key, revision, .. further]);
        Assert.Equal(
            $"{scenarios} required scenarios and {further.Length} further, 0 failing\n", said);
    }

    [Fact]
    public async Task TypescriptClient_ListsCallsReadsAndCancels()
    {
        var said = await NodeProgram.RunAsync("mcp/client.mjs", server.Url.ToString(), key);
        Assert.Equal("""
            tools flow.noop shell.exec test_simple_text
            called hello
            refused AEGIS2001
            progress 0 50 100
            cancelled
            prompt This is a simple prompt for testing.
            resource This is the content of the static text resource.

            """, said);
    }

    [Fact]
    public async Task Inspector_ListsAndCalls()
    {
        var said = await NodeProgram.RunAsync("mcp/inspector.mjs", server.Url.ToString(), key);
        Assert.Equal("listed test_simple_text\ncalled This is a simple text response for testing.\n", said);
    }
}
