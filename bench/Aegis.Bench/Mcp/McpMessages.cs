using System.Text;
using System.Text.RegularExpressions;

namespace Aegis.Bench.Mcp;

/// <summary>The requests of the bench as bytes: <c>tools/call</c> of <c>flow.noop</c> with a key, on both
/// wires.</summary>
internal sealed partial class McpMessages(string key, string project)
{
    private const string Meta = """
        ,
        "_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",
        "io.modelcontextprotocol/clientCapabilities":{}}
        """;

    private const string Initialize = """
        {"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25",
        "capabilities":{},"clientInfo":{"name":"bench","version":"1"}}}
        """;

    public byte[] InSession(string session) => Request(Call(""), Session(session));

    public byte[] Alone() => Request(Call(Meta), "MCP-Protocol-Version: 2026-07-28\r\n"
        + "Mcp-Method: tools/call\r\nMcp-Name: flow.noop\r\n");

    /// <summary>Opens a session and returns its id.</summary>
    public async Task<string> OpenAsync(Uri server)
    {
        await using var lane = new McpLane();
        await lane.ConnectAsync(server);
        var answer = await lane.TextAsync(Request(Initialize, ""));
        var session = SessionLine().Match(answer) is { Success: true } found ? found.Groups[1].Value
            : throw new InvalidOperationException(answer);
        await lane.TextAsync(Request(
            """{"jsonrpc":"2.0","method":"notifications/initialized"}""", Session(session)));
        return session;
    }

    private static string Session(string session) =>
        $"Mcp-Session-Id: {session}\r\nMCP-Protocol-Version: 2025-11-25\r\n";

    private static string Call(string meta) => $$$"""
        {"jsonrpc":"2.0","id":1,"method":"tools/call",
        "params":{"name":"flow.noop","arguments":{"value":"x"}{{{meta}}}}}
        """;

    private byte[] Request(string body, string headers) =>
        Encoding.UTF8.GetBytes($"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
            + $"X-Aegis-Project: {project}\r\nContent-Type: application/json\r\n"
            + $"Accept: application/json, text/event-stream\r\n{headers}"
            + $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");

    [GeneratedRegex(@"(?i)mcp-session-id: (\S+)\r\n")]
    private static partial Regex SessionLine();
}
