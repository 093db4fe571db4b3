using System.Net;
using System.Text.RegularExpressions;
using Aegis.Cli;
using Aegis.Server.Configuration;
using Aegis.Server.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Aegis.Server.Tests;

public sealed partial class ConfigurationTests
{
    [Fact]
    public void Read_Nothing_GivesTheDocumentedDefaults()
    {
        var options = ServerOptionsReader.Read(
            new Dictionary<string, string> { ["HOME"] = "/srv/ada" }, "ada");
        Assert.Equal(("/srv/ada/.local/share/aegis", IPAddress.Loopback, 4000, null, LogLevel.Information,
            TimeSpan.FromSeconds(20)),
            (options.Home, options.Bind, options.Port, options.Postgres, options.LogLevel,
            options.StopTimeout));
        Assert.Equal(
            "/var/lib/aegis", ServerOptionsReader.Read(new Dictionary<string, string>(), "aegis").Home);
    }

    [Fact]
    public void Read_EverythingWrong_NamesEverythingAtOnce()
    {
        var wrong = new Dictionary<string, string>
        {
            ["AEGIS_HOME"] = "here",
            ["AEGIS_BIND"] = "localhost",
            ["AEGIS_PORT"] = "65536",
            ["AEGIS_LOG_LEVEL"] = "loud",
            ["AEGIS_STOP_TIMEOUT"] = "11m",
        };
        var refused = Assert.Throws<ConfigurationException>(() => ServerOptionsReader.Read(wrong, "ada"));
        Assert.Equal(5, refused.Errors.Count);
        Assert.All(wrong.Keys, name => Assert.Contains(name, refused.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("AEGIS_PORT", "0", true)]
    [InlineData("AEGIS_PORT", "65535", true)]
    [InlineData("AEGIS_PORT", "65536", false)]
    [InlineData("AEGIS_PORT", "-1", false)]
    [InlineData("AEGIS_STOP_TIMEOUT", "1s", true)]
    [InlineData("AEGIS_STOP_TIMEOUT", "999", false)]
    [InlineData("AEGIS_STOP_TIMEOUT", "10m", true)]
    [InlineData("AEGIS_STOP_TIMEOUT", "600001", false)]
    [InlineData("AEGIS_BIND", "::1", true)]
    [InlineData("AEGIS_FORGE_PRIVATE_HOSTS", "10.0.0.5:443, forge.local:8443", true)]
    [InlineData("AEGIS_FORGE_PRIVATE_HOSTS", "10.0.0.5", false)]
    [InlineData("AEGIS_EGRESS_PRIVATE_HOSTS", "nexus.local:8081, 127.0.0.1:4873", true)]
    [InlineData("AEGIS_EGRESS_PRIVATE_HOSTS", "nexus.local", false)]
    [InlineData("AEGIS_GITHUB_TOKEN_PROJECTS", "acme/web, acme/shop", true)]
    [InlineData("AEGIS_GITHUB_TOKEN_PROJECTS", "acme", false)]
    [InlineData("AEGIS_GITHUB_TOKEN_PROJECTS", "*/*", false)]
    [InlineData("AEGIS_GITHUB_URL", "https://ghe.example/api/v3", true)]
    [InlineData("AEGIS_GITHUB_URL", "https://u:p@ghe.example/", false)]
    [InlineData("AEGIS_GITHUB_URL", "ghe.example", false)]
    [InlineData("AEGIS_MODEL_HUB", "https://hub.example", true)]
    [InlineData("AEGIS_MODEL_HUB", "http://127.0.0.1:9000", true)]
    [InlineData("AEGIS_MODEL_HUB", "http://hub.example", false)]
    [InlineData("AEGIS_MODELS_KEPT", "1", true)]
    [InlineData("AEGIS_MODELS_KEPT", "1000", true)]
    [InlineData("AEGIS_MODELS_KEPT", "0", false)]
    [InlineData("AEGIS_MODELS_KEPT", "1001", false)]
    [InlineData("AEGIS_MODELS_BYTES", "17592186044416", true)]
    [InlineData("AEGIS_MODELS_BYTES", "17592186044417", false)]
    [InlineData("AEGIS_MODELS_BYTES", "4GB", false)]
    [InlineData("AEGIS_MODEL_PORTS", "ollama:11435, vllm:8001", true)]
    [InlineData("AEGIS_MODEL_PORTS", "11435", false)]
    public void Read_Bounds(string name, string value, bool good)
    {
        var environment = new Dictionary<string, string> { [name] = value, ["HOME"] = "/h" };
        if (good)
        {
            ServerOptionsReader.Read(environment, "ada");
        }
        else
        {
            Assert.Throws<ConfigurationException>(() => ServerOptionsReader.Read(environment, "ada"));
        }
    }

    [Fact]
    public void Read_Alias_CountsWhereTheNameIsNotSet()
    {
        var alias = new Dictionary<string, string> { ["POSTGRES_URL"] = "postgres://b", ["HOME"] = "/h" };
        Assert.Equal("postgres://b", ServerOptionsReader.Read(alias, "ada").Postgres);
        alias["AEGIS_POSTGRES"] = "postgres://a";
        Assert.Equal("postgres://a", ServerOptionsReader.Read(alias, "ada").Postgres);
    }

    [Fact]
    public void Docs_ListEveryVariableOfTheServerAsTheCodeHasIt()
    {
        var listed = ServerRow().Matches(Docs.Text("docs.configuration.md").Split("## Command line")[0])
            .Select(m =>
            string.Join('|', m.Groups[1].Value, m.Groups[2].Value, m.Groups[3].Value, m.Groups[4].Value));
        var real = ServerOptionsReader.Variables.Select(v =>
            string.Join('|', v.Name, v.Alias ?? "", v.DefaultText, v.Meaning));
        Assert.Equal(real.Order(), listed.Order());
    }

    [Fact]
    public void Docs_ListEveryVariableOfTheCommandLine()
    {
        var page = Docs.Text("docs.configuration.md").Split("## Command line")[1].Split("## ")[0];
        var listed = CliRow().Matches(page)
            .Select(m => (m.Groups[1].Value, m.Groups[2].Value, m.Groups[3].Value));
        Assert.Equal(CliVariables.All.Order(), listed.Order());
    }

    [GeneratedRegex(@"^\| `([A-Z_]+)`(?: \(or `([A-Z_]+)`\))? \| (.+?) \| (.+?) \|$", RegexOptions.Multiline)]
    private static partial Regex ServerRow();

    [GeneratedRegex(@"^\| `([A-Z_]+)`(?: \(or `([A-Z_]+)`\))? \| (.+?) \|$", RegexOptions.Multiline)]
    private static partial Regex CliRow();
}
