using Aegis.Core.Profiles;

namespace Aegis.Models.Tests;

public sealed class ForgeProfileTests
{
    private const string Token = "token: {secret: gh}";

    [Theory]
    [InlineData("", "https://api.github.com/", "https://github.com/")]
    [InlineData("base_url: 'https://ghe.example/api/v3', ", "https://ghe.example/api/v3/",
        "https://ghe.example/")]
    [InlineData("base_url: 'https://api.acme.ghe.com', ", "https://api.acme.ghe.com/",
        "https://acme.ghe.com/")]
    [InlineData("base_url: 'http://127.0.0.1:5/x', git_url: 'http://127.0.0.1:5/git', ",
        "http://127.0.0.1:5/x/", "http://127.0.0.1:5/git/")]
    public void GitHub_WithItsAddresses_IsRead(string addresses, string api, string git) =>
        Assert.Equal(new ForgeProfile(new Uri(api), new Uri(git), "o", "n.x", "gh"),
            Read($"kind: github, {addresses}repository: o/n.x, {Token}").Value?.Forge);

    [Fact]
    public void ServersToken_IsNamedByItsOneName()
    {
        var parsed = Read("kind: github, repository: o/n, token: {env: GITHUB_TOKEN}");
        Assert.Null(parsed.Value!.Forge!.TokenSecret);
        Assert.Equal("AEGIS2314",
            CodeOf("kind: github, repository: o/n, token: {env: AWS_SECRET_ACCESS_KEY}"));
    }

    [Theory]
    [InlineData("kind: local", null)]
    [InlineData("kind: local, repository: o/n", "AEGIS2314")]
    [InlineData("kind: gitlab, repository: o/n, token: {secret: gh}", "AEGIS2314")]
    [InlineData("repository: o/n, token: {secret: gh}", "AEGIS2315")]
    [InlineData("kind: github, token: {secret: gh}", "AEGIS2315")]
    [InlineData("kind: github, repository: o/n", "AEGIS2315")]
    [InlineData("kind: github, repository: o/n, token: {}", "AEGIS2314")]
    [InlineData("kind: github, repository: o/n, token: {secret: gh, env: GITHUB_TOKEN}", "AEGIS2314")]
    [InlineData("kind: github, repository: o/n, token: ghp_x", "AEGIS2314")]
    [InlineData("kind: github, repository: o/n, token: {secret: 'a b'}", "AEGIS2314")]
    [InlineData("kind: github, repository: o/n, token: {secret: ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
        + "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx}", "AEGIS2314")]
    [InlineData("kind: github, repository: o/n, token: {env: ghp_x}", "AEGIS2314")]
    [InlineData("kind: github, repository: n, token: {secret: gh}", "AEGIS2314")]
    [InlineData("kind: github, repository: o/.., token: {secret: gh}", "AEGIS2314")]
    [InlineData("kind: github, repository: ../n, token: {secret: gh}", "AEGIS2314")]
    [InlineData("kind: github, repository: o/n/x, token: {secret: gh}", "AEGIS2314")]
    [InlineData("kind: github, base_url: 'http://ghe.example/api/v3', repository: o/n, token: {secret: gh}",
        "AEGIS2314")]
    [InlineData("kind: github, base_url: 'https://u:p@ghe.example', repository: o/n, token: {secret: gh}",
        "AEGIS2314")]
    [InlineData("kind: github, base_url: 'https://ghe.example/', repository: o/n, token: {secret: gh}",
        "AEGIS2315")]
    [InlineData("kind: github, repository: o/n, token: {secret: gh}, owner: x", "AEGIS2313")]
    public void Forge_IsReadStrictly(string fields, string? code) => Assert.Equal(code, CodeOf(fields));

    private static string? CodeOf(string fields)
    {
        var parsed = Read(fields);
        Assert.DoesNotContain(parsed.Errors, e => e.ToString().Contains("ghp_x", StringComparison.Ordinal));
        return parsed.Errors.Length == 0 ? null : parsed.Errors.First().Error.Code;
    }

    private static ParseResult<Profile> Read(string fields) =>
        ProfileParser.Parse($"forge: {{{fields}}}", "profile.yaml");
}
