using System.Text;
using System.Text.Json;
using Aegis.Core.Artifacts;
using Aegis.Gate;
using Aegis.Tools.Artifacts;
using Aegis.Tools.Tests.Support;

namespace Aegis.Tools.Tests.Artifacts;

/// <summary>The tools' own part, in a real sandbox; what a version is, the engine's tests say.</summary>
public sealed class ArtifactToolTests
{
    private readonly List<(ArtifactPut Put, byte[] Bytes)> puts = [];

    [Fact]
    public async Task Put_OneFile_SendsItsBytesAndPath()
    {
        using var execution = Host();
        byte[] bytes = [0, 1, 255, 10];
        Write(execution, "app/out/data.bin", bytes);
        var result = await PutAsync(execution, new { path = "/work/app/out/data.bin", id = "data",
            status = "draft", links = new[] { new { type = "see", @ref = "T-1" } } });
        Assert.True(result.Ok, result.Error?.ToString());
        var (put, sent) = Assert.Single(puts);
        Assert.Equal(("data", "app/out/data.bin", "draft"), (put.Id, put.Path, put.Status));
        Assert.Equal(new ArtifactLink("see", "T-1"), put.Links!.Value.Single());
        Assert.Equal(bytes, sent);
        Assert.Equal("data", result.Outputs!.Value.GetProperty("artifact_id").GetString());
    }

    [Fact]
    public async Task Put_Pattern_SendsEachFileOnce_InOrder()
    {
        using var execution = Host();
        foreach (var file in new[] { "b.md", "a.md", "sub/c.md", "sub/$(touch hacked).md", "x.txt" })
        {
            Write(execution, file, [1]);
        }
        Assert.True((await PutAsync(execution, new { path = "**/*.md" })).Ok);
        Assert.Equal(["a.md", "b.md", "sub/$(touch hacked).md", "sub/c.md"], puts.Select(p => p.Put.Path));
        Assert.False(File.Exists(Path.Combine(execution.Work, "hacked")));
    }

    [Fact]
    public async Task Put_Content_NeedsNoFile()
    {
        using var execution = Host();
        Assert.True((await PutAsync(execution, new { path = "note.md", content = "hé" })).Ok);
        Assert.Equal("hé", Encoding.UTF8.GetString(puts.Single().Bytes));
        Assert.Empty(execution.SandboxCommands);
    }

    [Theory]
    [InlineData("nothing.md", null, "AEGIS2411")]
    [InlineData("*.none", null, "AEGIS2411")]
    [InlineData("*.md", "one", "AEGIS2412")]
    [InlineData("link", null, "AEGIS2414")]
    [InlineData("../x", null, "AEGIS2100")]
    public async Task Put_WhatCannotBe_IsRefused(string path, string? id, string code)
    {
        using var execution = Host();
        Write(execution, "a.md", [1]);
        Write(execution, "b.md", [1]);
        File.CreateSymbolicLink(Path.Combine(execution.Work, "link"), "/etc/hostname");
        var result = await PutAsync(execution, new { path, id });
        Assert.Equal(code, result.Error?.Code);
        Assert.Empty(puts);
    }

    [Theory]
    [InlineData(ArtifactPutTool.FilesMax, null)]
    [InlineData(ArtifactPutTool.FilesMax + 1, "AEGIS2413")]
    public async Task Put_AtTheLimitOfFiles_AndOnePastIt(int files, string? code)
    {
        using var execution = Host();
        for (var n = 0; n < files; n++)
        {
            Write(execution, $"many/{n:000}.txt", [1]);
        }
        var result = await PutAsync(execution, new { path = "many/*" });
        Assert.Equal(code, result.Error?.Code);
        Assert.Equal(code is null ? files : 0, puts.Count);
        if (code is null)
        {
            Assert.Equal(files, result.Outputs!.Value.GetProperty("artifacts").GetArrayLength());
            Assert.True(result.Outputs.Value.GetRawText().Length < GateExecution.ResultBytesMax);
        }
    }

    [Fact]
    public async Task Put_WithoutAShelf_SaysSo()
    {
        using var execution = new HostExecution();
        Write(execution, "a.md", [1]);
        Assert.Equal("AEGIS2410", (await PutAsync(execution, new { path = "a.md" })).Error?.Code);
    }

    [Fact]
    public async Task Get_PlacesTheBytes_WhereTheyStoodOrAreWanted()
    {
        byte[] bytes = [0, 13, 10, 255];
        using var execution = new HostExecution
        {
            OnOpen = (id, version) => id == "data"
                ? new ArtifactContent(Version(id, version ?? 7, "out/data.bin"), new MemoryStream(bytes))
                : null,
        };
        var result = await GetAsync(execution, new { id = "data" });
        Assert.True(result.Ok, result.Error?.ToString());
        Assert.Equal(bytes, await File.ReadAllBytesAsync(Path.Combine(execution.Work, "out/data.bin")));
        Assert.Equal(7, result.Outputs!.Value.GetProperty("version").GetInt32());
        Assert.True((await GetAsync(execution, new { id = "data", version = 2, path = "else" })).Ok);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(Path.Combine(execution.Work, "else")));
        Assert.Equal("AEGIS2415", (await GetAsync(execution, new { id = "other" })).Error?.Code);
        Assert.Equal("AEGIS2100",
            (await GetAsync(execution, new { id = "data", path = "../x" })).Error?.Code);
    }

    private HostExecution Host() => new()
    {
        OnPut = (put, bytes) =>
        {
            puts.Add((put, bytes));
            return Version(put.Id ?? ArtifactRules.IdOf(put.Path), 1, put.Path);
        },
    };

    private static ArtifactVersion Version(string id, int number, string path) => new(id, number, path, "x/y",
        4, "c", null, $"sha256:{new string('0', 64)}", "s", "k", "key:a", "complete", null, default, default);

    private static void Write(HostExecution execution, string path, byte[] bytes)
    {
        var file = Path.Combine(execution.Work, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, bytes);
    }

    private static Task<ToolResult> PutAsync(HostExecution execution, object input) =>
        new ArtifactPutTool().InvokeAsync(Input(input), execution, default).AsTask();

    private static Task<ToolResult> GetAsync(HostExecution execution, object input) =>
        new ArtifactGetTool().InvokeAsync(Input(input), execution, default).AsTask();

    private static JsonElement Input(object input) => JsonSerializer.SerializeToElement(input,
        new JsonSerializerOptions
        {
            DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
        });
}
