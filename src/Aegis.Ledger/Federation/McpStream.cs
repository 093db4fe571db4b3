namespace Aegis.Ledger.Federation;

/// <summary>The stream of what was approved of an outside MCP server, <c>mcp/SERVER</c>.</summary>
public static class McpStream
{
    private const string Prefix = "mcp/";

    public static string Of(string server) => Prefix + server;

    public static bool Is(string streamId) => streamId.StartsWith(Prefix, StringComparison.Ordinal);
}
