using System.Text.Json;
using Aegis.Cli;
using Aegis.Server.Tests.Support;
using Aegis.Tests.Shared;

namespace Aegis.Server.Tests.Mcp;

/// <summary><c>aegis mcp</c>: lines in, lines out.</summary>
[Collection(RealServerGroup.Name)]
public sealed class McpBridgeTests(RealServer server)
{
    private const string Client = """
        {"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}
        """;

    private const string Hello = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":"
        + Client + "}\n{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n";

    private const string Call = """
        {"jsonrpc":"2.0","id":2,"method":"tools/call","params":
        """;

    [Fact]
    public async Task Lines_AreAnsweredByTheServersTools()
    {
        var answers = await BridgeAsync(server.Key, Hello + Call + """
            {"name":"flow.noop","arguments":{"value":"hi"}}}
            no json
            {"jsonrpc":"2.0","id":"three","method":"no/such"}
            """);
        Assert.Equal("aegis-forge", answers["1"].GetProperty("result").GetProperty("serverInfo")
            .GetProperty("name").GetString());
        Assert.Equal("hi", answers["2"].GetProperty("result").GetProperty("content")[0]
            .GetProperty("text").GetString());
        Assert.Equal(-32601, Code(answers["\"three\""]));
        Assert.Equal(-32700, Code(answers["null"]));
    }

    [Fact]
    public async Task Lines_OfTheStatelessWire_NeedNoHandshake()
    {
        var meta = """
            {"io.modelcontextprotocol/protocolVersion":"2026-07-28",
            "io.modelcontextprotocol/clientCapabilities":{}}
            """.ReplaceLineEndings("");
        var answers = await BridgeAsync(server.Key, Call + """
            {"name":"flow.noop","arguments":{"value":"hi"},"_meta":
            """ + meta + "}}");
        Assert.Equal("hi", answers["2"].GetProperty("result").GetProperty("content")[0]
            .GetProperty("text").GetString());
    }

    [Fact]
    public async Task Key_ThatIsRefused_IsAnErrorOfTheRequest()
    {
        var answers = await BridgeAsync("aegis_key_wrong", Hello);
        Assert.Contains("AEGIS6010", answers["1"].GetProperty("error").GetProperty("message").GetString());
    }

    [Fact]
    public async Task Inspector_OverTheCommandItself_ListsAndCalls()
    {
        var said = await NodeProgram.RunAsync("mcp/inspector-stdio.mjs", server.Server.Url.ToString(),
            server.Key, Path.Combine(AppContext.BaseDirectory, "aegis-cli.dll"));
        Assert.Equal("listed flow.noop\ncalled hello\n", said);
    }

    private async Task<Dictionary<string, JsonElement>> BridgeAsync(string key, string lines)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var input = new StringReader(lines);
        var terminal = new Terminal(output, error, false, 110, name => name switch
        {
            "AEGIS_URL" => server.Server.Url.ToString(),
            "AEGIS_KEY" => key,
            _ => null,
        })
        {
            In = input,
        };
        Assert.Equal(0, await CommandLine.InvokeAsync(["mcp"], terminal, CancellationToken.None));
        return output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(l => JsonElement.Parse(l)).Where(m => m.TryGetProperty("id", out _))
            .ToDictionary(m => m.GetProperty("id").GetRawText());
    }

    private static int Code(JsonElement answer) =>
        answer.GetProperty("error").GetProperty("code").GetInt32();
}
