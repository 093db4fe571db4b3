using System.Globalization;
using Aegis.Core.Errors;
using Aegis.Processes;

namespace Aegis.Sandbox.Tests;

/// <summary>Who has which host uid, as files of one user say it to several servers.</summary>
public sealed class UidClaimTests : IDisposable
{
    internal const int RunsOfEach = 20;

    private readonly string home = Directory.CreateTempSubdirectory("aegis-uid-tests-").FullName;

    /// <summary>Runs have 2 to 101, commands of no run 102 to 200.</summary>
    internal static UidRange Range { get; } = new(100_000, 202);

    public void Dispose() => Directory.Delete(home, recursive: true);

    [Fact]
    public async Task Servers_OfOneUser_GiveRunsDifferentUids_AlsoAfterOneWasKilled()
    {
        using var launcher = new ProcessLauncher();
        var uids = Folder("uids");
        await using var one = await ClaimingAsync(launcher, uids, Folder("one"));
        await using var other = await ClaimingAsync(launcher, uids, Folder("other"));
        var all = (await one.NumbersAsync()).Concat(await other.NumbersAsync()).ToList();
        Assert.Equal(2 * RunsOfEach, all.Distinct().Count());

        one.Kill();
        await one.Exited;
        var pool = new UidPool(() => uids, first: 0);
        var third = Enumerable.Range(0, RunsOfEach)
            .Select(i => Give(pool, Folder($"third/run_{i}"))).ToList();
        Assert.Empty(third.Intersect(all));
    }

    [Fact]
    public async Task Servers_WithoutACommonFolder_GiveTheSameUids()
    {
        using var launcher = new ProcessLauncher();
        await using var one = await ClaimingAsync(launcher, Folder("uids1"), Folder("one"));
        await using var other = await ClaimingAsync(launcher, Folder("uids2"), Folder("other"));
        Assert.Equal(await one.NumbersAsync(), await other.NumbersAsync());
    }

    [Fact]
    public void Uid_OfARunWhoseFilesAreGone_IsGivenAgain()
    {
        var run = Folder("one/run_1");
        var number = Give(Pool(), run);
        Assert.NotEqual(number, Give(Pool(), Folder("other/run_2")));
        Directory.Delete(run, recursive: true);
        Assert.Equal(number, Give(Pool(), Folder("other/run_3")));
    }

    [Fact]
    public async Task Uid_OfARunThatARetryWentOnFrom_StaysUntilBothAreGone()
    {
        var (first, retry) = (Folder("one/run_1"), Folder("one/run_2"));
        var number = Give(Pool(), first);
        await Pool().ShareAsync(Range, first, retry, TimeProvider.System, default);
        Assert.Equal(number, UidFile.NumberOf(retry));
        Forget(first);
        Assert.NotEqual(number, Give(Pool(), Folder("other/run_3")));
        Forget(retry);
        Assert.Equal(number, Give(Pool(), Folder("other/run_4")));
    }

    [Fact]
    public void Uid_ThatAServerDiedGiving_IsFree()
    {
        var run = Folder("one/run_1");
        var number = Give(Pool(), run);
        // the line was written, the run's own file not any more
        File.Delete(Path.Combine(run, "uid"));
        Assert.Equal(number, Give(Pool(), Folder("other/run_2")));
    }

    [Fact]
    public void Uids_OfRunsFromBefore_AreClaimedAtTheFirstRunOfTheirServer()
    {
        var old = Folder("one/run_1");
        File.WriteAllText(Path.Combine(old, "uid"), "2");
        Assert.Equal(3, Give(Pool(), Folder("one/run_2")));
        Assert.Equal(4, Give(Pool(), Folder("other/run_3")));
    }

    [Fact]
    public void Folder_ThatSomebodyDeleted_IsMadeAnew_AndKnowsTheServersOwnRuns()
    {
        var pool = new UidPool(() => UidFolder.Make(Path.Combine(home, "uids")), first: 0);
        var number = Give(pool, Folder("one/run_1"));
        Directory.Delete(Path.Combine(home, "uids"), recursive: true);
        Give(pool, Folder("one/run_2"));
        Assert.NotEqual(number, Give(Pool(), Folder("other/run_3")));
    }

    [Fact]
    public async Task Uid_OfACommandOfNoRun_IsHeldWhileItLives()
    {
        using (var lease = await Pool().LeaseAsync(Range, null, TimeProvider.System, default))
        using (var second = await Pool().LeaseAsync(Range, null, TimeProvider.System, default))
        {
            Assert.NotEqual(lease.Uid, second.Uid);
        }
        Assert.Empty(Directory.EnumerateFiles(Folder("uids")));
    }

    [Theory]
    [InlineData(UidPool.TriesMax - 1, true)]
    [InlineData(UidPool.TriesMax, false)]
    public void Tries_ToItsLimitAndOnePast(int heldBefore, bool found)
    {
        var wide = new UidRange(100_000, 20_000);
        for (var i = 0; i < heldBefore; i++)
        {
            var held = Folder($"one/held_{i}");
            File.WriteAllText(Path.Combine(held, "uid"), $"{2 + i}");
            File.WriteAllText(Path.Combine(Folder("uids"), $"{wide.HostUid(2 + i)}"), held + "\n");
        }
        var run = Folder("one/run_1");
        if (found)
        {
            Pool().Give(wide, run);
            Assert.Equal(2 + heldBefore, UidFile.NumberOf(run));
            return;
        }
        var refused = Assert.Throws<AegisException>(() => Pool().Give(wide, run));
        Assert.Equal(("AEGIS3206", $"{UidPool.TriesMax} tried, each has a live sandbox or a run with files"),
            (refused.Error.Code, refused.Error.Got));
        Assert.Null(UidFile.NumberOf(run));
    }

    [Fact]
    public void Folder_ThatCannotBeMade_IsAClearError()
    {
        var file = Path.Combine(Folder("x"), "file");
        File.WriteAllText(file, "");
        var refused = Assert.Throws<AegisException>(() => new UidPool(() => UidFolder.Make(file + "/uids"))
            .Give(Range, Folder("one/run_1")));
        Assert.Equal("AEGIS3216", refused.Error.Code);
    }

    private UidPool Pool() => new(() => Folder("uids"), first: 0);

    private static int Give(UidPool pool, string run)
    {
        pool.Give(Range, run);
        return UidFile.NumberOf(run)!.Value;
    }

    private void Forget(string run)
    {
        var number = UidFile.NumberOf(run);
        Directory.Delete(run, recursive: true);
        Pool().Forget(Range, run, number);
    }

    private string Folder(string name) => Directory.CreateDirectory(Path.Combine(home, name)).FullName;

    private static async Task<Claiming> ClaimingAsync(ProcessLauncher launcher, string uids, string root) =>
        new(await launcher.StartAsync(KilledServer.Spec("claim", uids, root) with
        {
            Stdin = StdinMode.Pipe,
        }));

    private sealed class Claiming(LaunchedProcess process) : IAsyncDisposable
    {
        public Task Exited => process.Exited;

        public async Task<List<int>> NumbersAsync()
        {
            var said = new StreamReader(process.Stdout);
            var numbers = new List<int>();
            while (await said.ReadLineAsync() is { } line && line != "ready")
            {
                numbers.Add(int.Parse(line, CultureInfo.InvariantCulture));
            }
            return numbers;
        }

        public void Kill() => process.KillTree();

        public ValueTask DisposeAsync() => process.DisposeAsync();
    }
}
