using Aegis.Core.Errors;
using Aegis.Core.Federation;

namespace Aegis.Gate.Federation;

/// <summary>What can be wrong with outside MCP servers and their tools.</summary>
public static class FederationErrors
{
    public static AegisError NotApproved(McpToolPin pin) => new("AEGIS6220",
        pin.Approved is null
            ? $"nobody has approved mcp.{pin.Server}.{pin.Tool} yet"
            : $"mcp.{pin.Server}.{pin.Tool} has changed what it says of itself",
        pin.Approved ?? "an approval", pin.Seen,
        $"read what it says (aegis mcp pins), then: aegis mcp approve mcp.{pin.Server}.{pin.Tool}");

    public static AegisError NoServer(string server) => new("AEGIS6221",
        $"the profile names no MCP server {server}", "a name below mcp.servers", server,
        "correct the name, or register the server in profile.yaml");

    public static AegisError Broken(string server, string reason) => new("AEGIS6222",
        $"the MCP server {server} gave no answer that could be used: {reason}",
        "an answer of the Model Context Protocol", null, "look at the server; then call again");

    public static AegisError Private(string server, Uri url) => new("AEGIS6223",
        $"the MCP server {server} is at no public address, or would be spoken to without TLS",
        "a public address by https", $"{url.IdnHost}:{url.Port}",
        $"have the operator name {url.IdnHost}:{url.Port} in AEGIS_MCP_PRIVATE_HOSTS");

    public static AegisError NoSecret(string server, string secret) => new("AEGIS6224",
        $"the MCP server {server} needs a secret that the project does not have", "a secret", secret,
        $"aegis secret set {secret}");

    public static AegisError NoAuthorization(string server, string what, string? got = null) => new(
        "AEGIS6228", $"the MCP server {server} wants a token, and none could be got: {what}",
        "what RFC 9728, RFC 8414 and RFC 6749 say", got,
        "look at the server and at its authorization server; see docs/mcp.md#outside-servers");

    public static AegisError OtherIssuer(string server, string what, string expected, string got) => new(
        "AEGIS6229", $"the MCP server {server} wants a token of somebody else: {what}", expected, got,
        "where that is right, correct mcp.servers in profile.yaml");

    public static AegisError NoGrant(string server, string what) => new("AEGIS6230",
        $"the authorization server of the MCP server {server} gave no token", "a token", what,
        "look at the client's id, its secret and the scope in profile.yaml");

    public static AegisError Gone(string server, string tool) => new("AEGIS6225",
        $"the MCP server {server} has no tool {tool} any more", "a tool of the server", tool,
        $"aegis mcp refresh {server}");

    public static AegisError Changed(string tool, string hash) => new("AEGIS6226",
        $"{tool} is not there, or says something else than what was to be approved", "what it says now",
        hash, "read it again (aegis mcp pins), and approve that");
}
