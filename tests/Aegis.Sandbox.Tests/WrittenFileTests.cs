using System.Text;

namespace Aegis.Sandbox.Tests;

/// <summary>What commands of an attempt have written, read from outside while it is open.</summary>
[Collection("sandbox")]
public sealed class WrittenFileTests(SandboxFixture sandbox)
{
    private static readonly WrittenLimits Wide = new(100, 1_000, 100_000);
    private readonly string run = $"run_{Guid.NewGuid():n}";
    private readonly Workspaces workspaces = new(sandbox.Home, sandbox.Runner);

    [Fact]
    public async Task Files_AreReadAsTheyAreAndWere_LinksAndOthersCodeLeftOut()
    {
        var first = await workspaces.OpenAsync(run, [], "one", 1);
        await InAsync(first, "printf old > kept; printf old > changed; mkdir d; printf old > d/deep");
        var below = (await workspaces.SealAsync(first)).LayerId!;
        var second = await workspaces.OpenAsync(run, [below], "two", 1);
        await InAsync(second, "printf new > changed; printf new > fresh; printf new > d/deep; "
            + "ln -s /etc/passwd link; mkdir node_modules; printf x > node_modules/theirs; "
            + "printf a > 'a b'; rm kept");
        Assert.Equal([("a b", "a", null), ("changed", "new", "old"), ("d/deep", "new", "old"),
            ("fresh", "new", null)], await ReadAsync(second, Wide));
        await workspaces.DiscardAsync(second);
    }

    [Fact]
    public async Task Limits_LeaveOutWhatIsPastThem()
    {
        var open = await workspaces.OpenAsync(run, [], "one", 1);
        await InAsync(open, "printf 12345 > a; printf 123456 > b; printf 12 > c; printf 1 > d");
        Assert.Equal(["a", "c", "d"], await NamesAsync(open, Wide with { FileBytes = 5 }));
        Assert.Equal(["a", "b", "c", "d"], await NamesAsync(open, Wide with { FileBytes = 6 }));
        Assert.Equal(["a", "b"], await NamesAsync(open, Wide with { Files = 2 }));
        Assert.Equal(["a", "b", "c", "d"], await NamesAsync(open, Wide with { Bytes = 14 }));
        // one that does not fit is left out, and smaller ones behind it are not
        Assert.Equal(["a", "b", "c"], await NamesAsync(open, Wide with { Bytes = 13 }));
        Assert.Equal(["a", "c", "d"], await NamesAsync(open, Wide with { Bytes = 10 }));
        await workspaces.DiscardAsync(open);
    }

    [Fact]
    public async Task Names_PastTheLimit_AreLeftOut_AndNoneIsCutInHalf()
    {
        var open = await workspaces.OpenAsync(run, [], "one", 1);
        // twice as many bytes of names as are read
        var count = (UpperReading.NamesBytesMax * 2 / 200) + 1;
        await InAsync(open, $"seq -f '%0199.0f' 1 {count} | xargs touch", SandboxFixture.Limits with
        {
            CpuTimeMax = TimeSpan.FromMinutes(5),
        });
        var read = await NamesAsync(open, new WrittenLimits(count, 10, 10));
        Assert.Equal(UpperReading.NamesBytesMax / 200, read.Length);
        Assert.All(read, name => Assert.Equal(199, name.Length));
        await workspaces.DiscardAsync(open);
    }

    private async Task InAsync(AttemptWorkspace workspace, string script, SandboxLimits? limits = null)
    {
        var ran = await SandboxFixture.RunAsync(sandbox.Runner, SandboxFixture.Spec("sh", "-c", script) with
        {
            Workspace = workspace,
            Limits = limits ?? SandboxFixture.Limits,
        });
        Assert.True(ran.Exit == 0, ran.Stderr);
    }

    private async Task<(string, string, string?)[]> ReadAsync(
        AttemptWorkspace workspace, WrittenLimits limits) =>
    [
        .. (await sandbox.Runner.WrittenAsync(workspace, _ => true, limits, default)).Select(f => (f.Path,
            Encoding.UTF8.GetString(f.Now), f.Before is null ? null : Encoding.UTF8.GetString(f.Before))),
    ];

    private async Task<string[]> NamesAsync(
        AttemptWorkspace workspace, WrittenLimits limits) =>
        [.. (await ReadAsync(workspace, limits)).Select(f => f.Item1)];
}
