using System.Text.Json;
using Aegis.Cli;
using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests;

/// <summary><c>aegis tools</c> against the whole product.</summary>
[Collection(RealServerGroup.Name)]
public sealed class ToolCommandTests(RealServer server) : IDisposable
{
    private readonly StringWriter output = new();
    private readonly StringWriter error = new();

    public void Dispose()
    {
        output.Dispose();
        error.Dispose();
    }

    [Fact]
    public async Task List_AndShow_PrintWhatThereIs()
    {
        Assert.Equal(0, await AegisAsync("tools"));
        Assert.Contains("shell.exec", output.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, await AegisAsync("tools", "list", "--json"));
        Assert.Equal(0, await AegisAsync("tools", "show", "shell.exec"));
        Assert.Contains("\"maxLength\": 65536", output.ToString(), StringComparison.Ordinal);
        Assert.Equal(6, await AegisAsync("tools", "show", "shell.exce"));
    }

    [Fact]
    public async Task Invoke_PrintsTheOutput_AndItsStatusIsTheCalls()
    {
        Assert.Equal(0, await AegisAsync(
            "tools", "invoke", "shell.exec", "-i", "cmd=seq 3", "--allow-command", "seq"));
        Assert.StartsWith("1\n2\n3\n", output.ToString(), StringComparison.Ordinal);
        Assert.Contains(": succeeded", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, await AegisAsync(
            "tools", "invoke", "shell.exec", "-i", "cmd=ls /nowhere", "--allow-command", "ls"));
        Assert.Contains("aegis: AEGIS2101", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(4, await AegisAsync("tools", "invoke", "shell.exec", "-i", "cmd=ls"));
        Assert.Contains("AEGIS1140", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invoke_ThatAHumanMustAllow_PrintsHow()
    {
        Assert.Equal(0, await AegisAsync("tools", "invoke", "flow.noop", "--approve", "sure?"));
        var words = error.ToString().Split('\n')[1].Trim().Split(' ');
        Assert.Equal(("aegis", "approve", "call"), (words[0], words[1], words[3]));
        Assert.Equal(0, await AegisAsync(words[1..]));
        Assert.Equal("PlanCompleted",
            (await server.EndedAsync(words[2]))[^1].GetProperty("type").GetString());
    }

    [Theory]
    [InlineData("{\"value\": 1}", 0, "")]
    [InlineData("{\"value\"", 2, "AEGIS7010")]
    [InlineData("{\"nonsense\": 1}", 6, "AEGIS2001")]
    public async Task Invoke_WithAFile_SendsItWhole(string content, int exit, string code)
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("aegis-tools-").FullName, "input.json");
        await File.WriteAllTextAsync(file, content);
        Assert.Equal(exit, await AegisAsync("tools", "invoke", "flow.noop", "-i", $"@{file}", "--json"));
        Assert.Contains(code, error.ToString(), StringComparison.Ordinal);
        if (exit == 0)
        {
            Assert.True(JsonElement.Parse(output.ToString()).GetProperty("ok").GetBoolean());
        }
    }

    private Task<int> AegisAsync(params string[] arguments) => CommandLine.InvokeAsync(arguments,
        new Terminal(output, error, false, 110, name => name switch
        {
            "AEGIS_URL" => server.Server.Url.ToString(),
            "AEGIS_KEY" => server.Key,
            _ => null,
        }), CancellationToken.None);
}
