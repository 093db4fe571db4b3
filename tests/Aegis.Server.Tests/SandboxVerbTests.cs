using System.Text.Json;
using Aegis.Server.Tests.Support;
using Aegis.Tests.Shared;

namespace Aegis.Server.Tests;

/// <summary><c>./aegis sandbox …</c> as a user calls it, with its exit statuses.</summary>
public sealed class SandboxVerbTests : IDisposable
{
    private readonly string home = Directory.CreateTempSubdirectory("aegis-sandbox-verbs-").FullName;

    public void Dispose() => Directory.Delete(home, recursive: true);

    [Fact]
    public async Task Doctor_NamesEachKind_ItsWalls_AndWhatIsMissingWithTheMend()
    {
        var (exit, text, error) = await SandboxProgram.RunAsync(home, "doctor");
        Assert.Equal((0, ""), (exit, error));
        Assert.Contains("\nnamespace: ready\n  + uid ", text, StringComparison.Ordinal);
        Assert.Contains("\nmicrovm: not there\n  missing  ", text, StringComparison.Ordinal);
        Assert.Contains("\n  mend     Run: ./aegis sandbox prepare", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_WithJson_SaysTheSameToPrograms()
    {
        var (exit, text, _) = await SandboxProgram.RunAsync(home, "doctor", "--json");
        var report = JsonElement.Parse(text);
        Assert.Equal((0, Environment.UserName), (exit, report.GetProperty("user").GetString()));
        var kinds = report.GetProperty("kinds").EnumerateArray().ToList();
        Assert.Equal(["namespace", "container", "microvm"], kinds.Select(k =>
            k.GetProperty("kind").GetString()));
        Assert.True(kinds[0].GetProperty("available").GetBoolean());
        Assert.Subset(kinds[0].GetProperty("walls").EnumerateArray().Select(w =>
            w.GetProperty("wall").GetString()).ToHashSet(),
            new HashSet<string?> { "uid", "files", "processes", "syscalls", "network", "pids", "cpu" });
        Assert.False(kinds[2].GetProperty("available").GetBoolean());
        Assert.Equal("Run: ./aegis sandbox prepare", kinds[2].GetProperty("mend").GetString());
    }

    [Fact]
    public async Task Image_IsAdded_Replaced_AndListed()
    {
        Assert.Equal((0, "", ""), await SandboxProgram.RunAsync(home, "image", "list"));
        var first = Layout("one").Layer(LayoutWriter.Text("f", "one")).Write();
        var (exit, said, _) = await SandboxProgram.RunAsync(home, "image", "add", "tools", first);
        Assert.Equal(0, exit);
        Assert.Matches("^tools is sha256:[0-9a-f]{64}\n$", said);
        Assert.Equal((0, said, ""), await SandboxProgram.RunAsync(home, "image", "list"));
        var second = Layout("two").Layer(LayoutWriter.Text("f", "two")).Write();
        var (_, other, _) = await SandboxProgram.RunAsync(home, "image", "add", "tools", second);
        Assert.NotEqual(said, other);
        var (_, json, _) = await SandboxProgram.RunAsync(home, "image", "list", "--json");
        var image = Assert.Single(JsonElement.Parse(json).EnumerateArray());
        Assert.Equal(other, $"{image.GetProperty("name").GetString()} is sha256:"
            + $"{image.GetProperty("digest").GetString()}\n");
    }

    [Fact]
    public async Task Image_ThatLeavesItsRoot_OrIsNone_IsRefused()
    {
        var hostile = Layout("hostile").Layer(LayoutWriter.Text("../slipped")).Write();
        foreach (var folder in new[] { hostile, Path.Combine(home, "nothing") })
        {
            var (exit, text, error) = await SandboxProgram.RunAsync(home, "image", "add", "tools", folder);
            Assert.Equal((1, ""), (exit, text));
            Assert.StartsWith("AEGIS3203: ", error, StringComparison.Ordinal);
        }
        Assert.Equal((0, "", ""), await SandboxProgram.RunAsync(home, "image", "list"));
    }

    [Fact]
    public async Task Prepare_WithoutAKernel_SaysWhatIsMissing()
    {
        var empty = Directory.CreateDirectory(Path.Combine(home, "empty")).FullName;
        Directory.CreateDirectory(Path.Combine(empty, "boot"));
        var (exit, _, error) = await SandboxProgram.RunAsync(home, "prepare", empty);
        Assert.Equal(1, exit);
        Assert.StartsWith("AEGIS3205: the microvm's kernel can't be made", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AppArmor_IsPrinted()
    {
        var (exit, text, _) = await SandboxProgram.RunAsync(home, "apparmor");
        Assert.Equal((0, Sandbox.AppArmorProfile.Text), (exit, text));
    }

    [Theory]
    [InlineData]
    [InlineData("doctr")]
    [InlineData("image")]
    [InlineData("image", "add", "name")]
    [InlineData("prepare")]
    [InlineData("prepare", "/", "--package", "x")]
    public async Task WrongWords_GetTheUsage(params string[] words)
    {
        var (exit, _, error) = await SandboxProgram.RunAsync(home, words);
        Assert.Equal(2, exit);
        Assert.StartsWith("usage: ./aegis sandbox doctor", error, StringComparison.Ordinal);
    }

    private LayoutWriter Layout(string name) => new(Path.Combine(home, name));
}
