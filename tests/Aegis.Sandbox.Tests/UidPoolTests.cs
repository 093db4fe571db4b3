using System.Collections.Immutable;
using Aegis.Core.Errors;

namespace Aegis.Sandbox.Tests;

[Collection("sandbox")]
public sealed class UidPoolTests(SandboxFixture sandbox)
{
    [Fact]
    public async Task LiveSandboxes_OfNoRun_HaveDifferentHostUids()
    {
        var uids = await LiveUidsAsync([null, null, null]);
        Assert.Equal(3, uids.Distinct().Count());
        Assert.DoesNotContain(Libc.geteuid(), uids);
    }

    [Fact]
    public async Task LiveSandboxes_OfTwoRuns_HaveDifferentHostUids_AndOfOneRunTheSame()
    {
        var workspaces = new Workspaces(sandbox.Home, sandbox.Runner);
        var (one, other) = ("run_uid1", "run_uid2");
        AttemptWorkspace[] all = [await workspaces.OpenAsync(one, [], "a", 1),
            await workspaces.OpenAsync(one, [], "b", 1), await workspaces.OpenAsync(other, [], "a", 1)];
        var uids = await LiveUidsAsync(all);
        Assert.Equal((uids[0], true), (uids[1], uids[0] != uids[2]));
        await workspaces.DeleteRunAsync(one);
        await workspaces.DeleteRunAsync(other);
    }

    [Fact]
    public async Task Retry_ThatTakesOverFiles_CanChangeThem()
    {
        var workspaces = new Workspaces(sandbox.Home, sandbox.Runner);
        var first = await workspaces.OpenAsync("run_from", [], "one", 1);
        await SandboxFixture.RunAsync(sandbox.Runner, SandboxFixture.Spec("sh", "-c",
            "mkdir d && echo old > d/f && chmod 600 d/f") with { Workspace = first });
        var layer = (await workspaces.SealAsync(first)).LayerId!;
        Assert.True(await workspaces.LinkAsync("run_from", "run_to", [layer]));
        var second = await workspaces.OpenAsync("run_to", [layer], "two", 1);
        var ran = await SandboxFixture.RunAsync(sandbox.Runner, SandboxFixture.Spec("sh", "-c",
            "echo new >> d/f && cat d/f") with { Workspace = second });
        Assert.Equal("old\nnew", ran.Stdout);
        await workspaces.DeleteRunAsync("run_from");
        await workspaces.DeleteRunAsync("run_to");
    }

    [Fact]
    public async Task LiveSandboxes_OfRunsOfTwoServers_HaveDifferentHostUids()
    {
        await using var other = await SandboxRunner.CreateAsync(new SandboxOptions(), sandbox.Launcher);
        var root = Directory.CreateDirectory(Path.Combine(sandbox.Home, "of-another")).FullName;
        var (here, there) = (new Workspaces(sandbox.Home, sandbox.Runner), new Workspaces(root, other));
        // given while both sleep
        var (one, two) = (await here.OpenAsync("run_here", [], "a", 1),
            await there.OpenAsync("run_there", [], "a", 1));
        var uids = await Task.WhenAll(LiveUidsAsync([one]), LiveUidsAsync([two], other));
        Assert.NotEqual(uids[0], uids[1]);
        await here.DeleteRunAsync("run_here");
        await there.DeleteRunAsync("run_there");
    }

    [Fact]
    public async Task Uid_OfAnotherServersRun_IsRefused()
    {
        var workspaces = new Workspaces(sandbox.Home, sandbox.Runner);
        var root = Directory.CreateDirectory(Path.Combine(sandbox.Home, "of-older")).FullName;
        await workspaces.OpenAsync("run_held", [], "one", 1);
        var older = new Workspaces(root, sandbox.Runner);
        var workspace = await older.OpenAsync("run_older", [], "one", 1);
        // as two servers could give it before uids were noted for both
        File.Copy(Path.Combine(sandbox.Home, "run_held/uid"), Path.Combine(root, "run_older/uid"), true);
        var error = await Assert.ThrowsAsync<AegisException>(() => sandbox.Runner.RunAsync(
            SandboxFixture.Spec("true") with { Workspace = workspace }, SandboxIo.None));
        Assert.Equal("AEGIS3207", error.Error.Code);
        await workspaces.DeleteRunAsync("run_held");
        Assert.Equal(0, (await SandboxFixture.RunAsync(sandbox.Runner,
            SandboxFixture.Spec("true") with { Workspace = workspace })).Exit);
        await older.DeleteRunAsync("run_older");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Uid_OfALiveSandbox_IsHeldByItsOwnProcess_NotOnlyByTheServer(int warmEntries)
    {
        await using var runner = await SandboxRunner.CreateAsync(new SandboxOptions
        {
            WarmEntries = warmEntries,
            UidsFolder = Path.Combine(sandbox.Home, $"uids{warmEntries}"),
        }, sandbox.Launcher);
        await SandboxFixture.RunAsync(runner, SandboxFixture.Spec("true"));
        var holders = new List<int>();
        await LiveUidsAsync([null], runner, () => holders.AddRange(HoldersOf($"/uids{warmEntries}/")));
        Assert.Contains(Environment.ProcessId, holders);
        Assert.Contains(holders, pid => pid != Environment.ProcessId);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(sandbox.Home, $"uids{warmEntries}")));
    }

    private static IEnumerable<int> HoldersOf(string part) => Directory.EnumerateDirectories("/proc")
        .Where(p => int.TryParse(Path.GetFileName(p), out _)).Where(p =>
        {
            try
            {
                return Directory.EnumerateFiles(Path.Combine(p, "fd"))
                    .Any(f => new FileInfo(f).LinkTarget?.Contains(part, StringComparison.Ordinal) == true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return false;
            }
        }).Select(p => int.Parse(Path.GetFileName(p), System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Host uids of commands that all live at the same moment.</summary>
    private async Task<uint[]> LiveUidsAsync(IReadOnlyList<AttemptWorkspace?> workspaces,
        SandboxRunner? runner = null, Action? whileLive = null)
    {
        using var end = new CancellationTokenSource();
        var running = new List<Task>();
        var markers = new List<string>();
        foreach (var workspace in workspaces)
        {
            var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var marker = $"marker-{Guid.NewGuid():n}";
            running.Add((runner ?? sandbox.Runner).RunAsync(SandboxFixture.Spec("sh", "-c",
                $": {marker}; echo ready; sleep 1000; :") with { Workspace = workspace },
                new SandboxIo(OnOutput: (_, _) =>
                {
                    told.TrySetResult();
                    return default;
                }), end.Token));
            await told.Task;
            markers.Add(marker);
        }
        var uids = markers.Select(UidOf).ToArray();
        whileLive?.Invoke();
        await end.CancelAsync();
        foreach (var one in running)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
        }
        return uids;
    }

    // the innermost process that shows the marker is the command itself
    private static uint UidOf(string marker) => Sightings.Records(marker)
        .Select(r => uint.Parse(File.ReadLines($"/proc/{r.Pid}/status")
            .First(l => l.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1]))
        .Where(u => u != Libc.geteuid()).Distinct().Single();
}
