using Aegis.Core.Federation;
using Aegis.Core.Profiles;

namespace Aegis.Models.Tests;

public sealed class McpProfileTests
{
    /// <summary>Servers that no profile describes are names like any other.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("\nmcp: {servers: {notion: {url: 'https://mcp.notion.example/mcp', token_secret: n}}}")]
    public void Profile_OfTheDocument_LoadsAsItStands(string more) =>
        Assert.Empty(ProfileParser.Parse(ProfileParserTests.Documented + more, "profile.yaml").Errors);

    [Fact]
    public void Server_WithACommand_IsRead()
    {
        var server = Read("command: [node, /mcp/a.mjs], env: {A: b}, effects: {find: pure}")
            .Value!.McpServers["a"];
        Assert.Equal(["node", "/mcp/a.mjs"], server.Command.AsEnumerable());
        Assert.Equal(("b", null, null), (server.Env["A"], server.Url, server.TokenSecret));
        Assert.Equal(("pure", "once"), (server.EffectOf("find"), server.EffectOf("add")));
    }

    [Theory]
    [InlineData("url: 'https://a.example/mcp'", null)]
    [InlineData("url: 'http://127.0.0.1:1/mcp', token_secret: t, effect: idempotent", null)]
    [InlineData("command: [a]", null)]
    [InlineData("", "AEGIS2314")]
    [InlineData("url: 'https://a.example/', command: [a]", "AEGIS2314")]
    [InlineData("url: 'http://a.example/mcp'", "AEGIS2314")]
    [InlineData("url: 'https://u:p@a.example/mcp'", "AEGIS2314")]
    [InlineData("url: 'file:///etc/passwd'", "AEGIS2314")]
    [InlineData("url: 'https://a.example/', env: {A: b}", "AEGIS2314")]
    [InlineData("command: [a], token_secret: t", "AEGIS2314")]
    [InlineData("command: [a], egress_allow: [api.notes.example]", null)]
    [InlineData("command: [a], egress_allow: ['http://a.example']", "AEGIS2314")]
    [InlineData("url: 'https://a.example/', egress_allow: [a.example]", "AEGIS2314")]
    [InlineData("command: [a], effect: reconcilable", "AEGIS2314")]
    [InlineData("command: [a], effects: {x: sometimes}", "AEGIS2314")]
    [InlineData("command: [a], env: {'A B': c}", "AEGIS2314")]
    [InlineData("url: 'https://a.example/', oauth: {issuer: 'https://b.example', client_id_secret: i, "
        + "client_secret: s, scope: 'a b:c'}", null)]
    [InlineData("url: 'https://a.example/', oauth: {issuer: 'https://b.example', client_id_secret: i}",
        "AEGIS2315")]
    [InlineData("url: 'https://a.example/', oauth: {client_id_secret: i, client_secret: s}", "AEGIS2315")]
    [InlineData("url: 'https://a.example/', oauth: {issuer: 'http://b.example', client_id_secret: i, "
        + "client_secret: s}", "AEGIS2314")]
    [InlineData("url: 'https://a.example/', oauth: {issuer: 'https://b.example', client_id_secret: i, "
        + "client_secret: s, scope: 'a  b'}", "AEGIS2314")]
    [InlineData("url: 'https://a.example/', token_secret: t, oauth: {issuer: 'https://b.example', "
        + "client_id_secret: i, client_secret: s}", "AEGIS2314")]
    [InlineData("command: [a], oauth: {issuer: 'https://b.example', client_id_secret: i, client_secret: s}",
        "AEGIS2314")]
    [InlineData("url: 'https://a.example/', oauth: {issuer: 'https://b.example', client_id_secret: i, "
        + "client_secret: s, secret: t}", "AEGIS2313")]
    [InlineData("command: [a], cwd: /", "AEGIS2313")]
    public void Server_IsReadStrictly(string fields, string? code) =>
        Assert.Equal(code, Read(fields).Errors.Select(e => e.Error.Code).FirstOrDefault());

    [Theory]
    [InlineData("a.b")]
    [InlineData("a b")]
    [InlineData("../a")]
    public void Server_WhoseNameIsNone_IsRefused(string name) => Assert.Contains(
        ProfileParser.Parse($"mcp: {{servers: {{'{name}': {{command: [a]}}}}}}", "p").Errors,
        e => e.Error.Code == "AEGIS2314");

    [Theory]
    [InlineData(McpServerProfile.ServersMax, 0)]
    [InlineData(McpServerProfile.ServersMax + 1, 1)]
    public void Servers_Bounds(int servers, int errors)
    {
        var named = string.Join(", ", Enumerable.Range(0, servers).Select(i => $"s{i}: {{command: [a]}}"));
        Assert.Equal(errors, ProfileParser.Parse($"mcp: {{servers: {{{named}}}}}", "p").Errors.Length);
    }

    [Theory]
    [InlineData(1_024, 0)]
    [InlineData(1_025, 1)]
    public void OAuthScope_Bounds(int chars, int errors) => Assert.Equal(errors, Read(
        "url: 'https://a.example/', oauth: {issuer: 'https://b.example', client_id_secret: i, "
        + $"client_secret: s, scope: {new string('x', chars)}}}").Errors.Length);

    private static ParseResult<Profile> Read(string fields) =>
        ProfileParser.Parse($"mcp: {{servers: {{a: {{{fields}}}}}}}", "profile.yaml");
}
