namespace Aegis.Core.Federation;

/// <summary>How a token for an outside MCP server is got from its authorization server, by OAuth's client
/// credentials: a machine's own, nobody is asked.</summary>
/// <param name="Issuer">The only authorization server that is shown the client's secret, whatever the MCP
/// server says.</param>
/// <param name="ClientIdSecret">The project's secret that holds the client's id.</param>
/// <param name="ClientSecret">The project's secret that holds the client's secret.</param>
/// <param name="Scope">What is asked for, separated by spaces; null for what the server says that it
/// needs.</param>
public sealed record McpOAuthProfile(
    Uri Issuer, string ClientIdSecret, string ClientSecret, string? Scope);
