using System.Text;
using Aegis.Core.Errors;
using Aegis.Tests.Shared;

namespace Aegis.Ledger.Tests.Embedded;

/// <summary>What cannot start says why, by code; what was interrupted is as if it had not begun.</summary>
public sealed class EmbeddedFaultTests
{
    [Fact]
    public async Task Open_ClusterOfAnotherMajor_NamesTheUpgradeVerb()
    {
        var home = TestHome.Make();
        Directory.CreateDirectory(Path.Combine(home, "postgres", "data"));
        await File.WriteAllTextAsync(Path.Combine(home, "postgres", "data", "PG_VERSION"), "14\n");

        var error = await ErrorAsync(new LedgerOptions { HomeDirectory = home });

        Assert.Equal("AEGIS4002", error.Code);
        Assert.Contains("14", error.Message);
        Assert.Contains("aegis ledger upgrade", error.Mend);
    }

    [Fact]
    public async Task Open_NoBinaries_SaysWhatToInstall()
    {
        var home = TestHome.Make();
        Assert.Equal("AEGIS4001",
            (await ErrorAsync(new LedgerOptions { HomeDirectory = home, BinDirectory = home })).Code);
    }

    [Fact]
    public async Task Open_AsUidZero_IsRefused()
    {
        using var owner = LedgerOwner.Start(TestHome.Make(), null, "bwrap", "--dev-bind", "/", "/",
            "--unshare-user",
            "--uid", "0", "--gid", "0");
        Assert.StartsWith("error AEGIS4000", await owner.LineAsync());
    }

    [Fact]
    public async Task Open_InitDbWasInterrupted_NothingIsLeftAndTheNextStartWorks()
    {
        var home = TestHome.Make();
        Directory.CreateDirectory(Path.Combine(home, "postgres"));
        using var watcher = new FileSystemWatcher(Path.Combine(home, "postgres"), "init-*");
        var begun = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        watcher.Created += (_, e) => begun.TrySetResult(e.FullPath);
        watcher.EnableRaisingEvents = true;
        using (var owner = LedgerOwner.Start(home))
        {
            await begun.Task.WaitAsync(TimeSpan.FromSeconds(60));
            await owner.KillAsync();
        }
        Assert.False(Directory.Exists(Path.Combine(home, "postgres", "data")));

        await using var ledger = await OpenAsync(new LedgerOptions { HomeDirectory = home });

        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(home, "postgres"), "init-*"));
        Assert.NotEmpty(ledger.HomeId);
    }

    [Fact]
    public async Task Open_DiskFullWhileMakingTheCluster_SaysSo()
    {
        var home = TestHome.Make();
        using var owner = LedgerOwner.Start(home, null, "bwrap", "--dev-bind", "/", "/",
            "--size", $"{16 * 1024 * 1024}", "--tmpfs", home);
        Assert.StartsWith("error AEGIS4004", await owner.LineAsync());
    }

    [Fact]
    public async Task Open_DiskFullUnderACluster_SaysSoAndWorksAgainWithSpace()
    {
        var home = TestHome.Make();
        const string script = """
            "$@" </dev/null; dd if=/dev/zero of="$HOME_DIRECTORY/fill" bs=64K 2>/dev/null
            "$@" </dev/null; rm "$HOME_DIRECTORY/fill"; exec "$@"
            """;
        using var owner = LedgerOwner.Start(home, null, "bwrap", "--dev-bind", "/", "/",
            "--size", $"{90 * 1024 * 1024}", "--tmpfs", home, "--setenv", "HOME_DIRECTORY", home, "sh", "-c",
                script, "sh");
        Assert.StartsWith("ready", await owner.LineAsync());
        Assert.Equal("stopped", await owner.LineAsync());
        Assert.StartsWith("error AEGIS4004", await owner.LineAsync());
        Assert.StartsWith("ready", await owner.LineAsync());
        await owner.StopAsync();
    }

    [Theory]
    [InlineData(107, true)]
    [InlineData(108, false)]
    public async Task RuntimeDirectory_SocketPathAtTheLimitAndOnePast_OnlyTheFirstStarts(int bytes,
        bool starts)
    {
        var home = await MadeHome.CopyAsync();
        var runtime = Path.Combine(home, new string('r', bytes - home.Length - 1 - "/.s.PGSQL.5432".Length));
        var options = new LedgerOptions { HomeDirectory = home, RuntimeDirectory = runtime };
        Assert.Equal(bytes, Encoding.UTF8.GetByteCount(runtime + "/.s.PGSQL.5432"));
        if (!starts)
        {
            Assert.Equal("AEGIS4006", (await ErrorAsync(options)).Code);
            return;
        }
        await using var ledger = await OpenAsync(options);
        Assert.True(File.Exists(Path.Combine(runtime, ".s.PGSQL.5432")));
    }

    [Fact]
    public async Task Open_HomeWithALongPath_PutsTheSocketElsewhereAndReusesIt()
    {
        var home = Path.Combine(TestHome.Make(), new string('h', 120));
        string first;
        await using (var ledger = await OpenAsync(new LedgerOptions { HomeDirectory = home }))
        {
            first = ledger.SocketDirectory!;
            Assert.DoesNotContain("hhh", first);
        }
        await using (var ledger = await OpenAsync(new LedgerOptions { HomeDirectory = home }))
        {
            Assert.Equal(first, ledger.SocketDirectory);
        }
        Directory.Delete(first, recursive: true);
    }

    [Fact]
    public async Task Open_DamagedCluster_SaysWhatPostgresSaid()
    {
        var home = await MadeHome.CopyAsync();
        await using (await OpenAsync(new LedgerOptions { HomeDirectory = home }))
        {
        }
        File.Delete(Path.Combine(home, "postgres", "data", "global", "pg_control"));

        var error = await ErrorAsync(new LedgerOptions { HomeDirectory = home });

        Assert.Equal("AEGIS4005", error.Code);
        Assert.Contains("pg_control", error.Got);
    }

    private static async Task<AegisError> ErrorAsync(LedgerOptions options) =>
        (await Assert.ThrowsAsync<AegisException>(() => OpenAsync(options))).Error;

    private static Task<LedgerDatabase> OpenAsync(LedgerOptions options) =>
        LedgerDatabase.OpenAsync(options, TimeProvider.System, CancellationToken.None);
}
