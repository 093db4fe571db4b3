using Aegis.Core.RepoMaps;
using Aegis.Gate;
using Aegis.Tools.RepoMaps;
using Aegis.Tools.Tests.Support;
using Xunit.Abstractions;

namespace Aegis.Tools.Tests.RepoMaps;

public sealed class RepoMapToolTests(ITestOutputHelper output) : IDisposable
{
    private readonly HostExecution execution = new();
    private readonly RepoMapTool tool = new();

    private string App => Directory.CreateDirectory(Path.Combine(execution.Work, "app")).FullName;

    public void Dispose() => execution.Dispose();

    [Fact]
    public async Task Map_OfARepository_IsReadOnceForEachTree()
    {
        Put("src/cart.py", "class Cart:\n    def total(self):\n        pass\n");
        Put("ignored.py", "def hidden():\n    pass\n");
        Put(".gitignore", "ignored.py\n");
        GitFixture.Run(App, "init", "-q", "-b", "main", ".");
        var first = await MapAsync(new { task = "Cart", source_tokens = 500 });
        Assert.Equal("src/cart.py\n  1 class Cart\n  2 member total(self)\n\n--- src/cart.py\n"
            + "1: class Cart:\n2:     def total(self):\n3:         pass\n", first.Text);
        Assert.Equal(("used", false), (first.Output("ctags").GetString(), Cached(first)));
        Assert.True(Cached(await MapAsync(new { task = "other words" })));
        // what is not committed counts, and git's own index and objects are left alone
        Put("src/cart.py", "class Basket:\n    pass\n");
        var third = await MapAsync(new { task = "Cart" });
        Assert.False(Cached(third));
        Assert.Equal("src/cart.py\n  1 class Basket\n", third.Text);
        Assert.False(File.Exists(Path.Combine(App, ".git", "index")));
    }

    [Fact]
    public async Task Map_NamesFilesUpToTheLimit_AndCountsThemAll()
    {
        foreach (var count in new[] { RepoMapTool.NamedMax, RepoMapTool.NamedMax + 1 })
        {
            for (var i = 0; i < count; i++)
            {
                Put($"f{i:d3}.py", $"def f{i}():\n    pass\n");
            }
            var map = await MapAsync(new { budget_tokens = RepoMapTool.BudgetMax });
            Assert.Equal((RepoMapTool.NamedMax, count), (map.Output("files").GetArrayLength(),
                map.Output("files_mapped").GetInt32()));
        }
    }

    [Fact]
    public async Task Trees_AreKeptUpToTheLimit_AndTheOldestGoes()
    {
        GitFixture.Run(App, "init", "-q", "-b", "main", ".");
        for (var i = 0; i < RepoIndexes.KeptMax; i++)
        {
            Assert.False(Cached(await TreeAsync(i)));
        }
        Assert.True(Cached(await TreeAsync(0)));
        Assert.False(Cached(await TreeAsync(RepoIndexes.KeptMax)));
        // one past it: the first one is read anew, and says the same
        var again = await TreeAsync(0);
        Assert.Equal((false, "a.py\n  1 function f0()\n"), (Cached(again), again.Text));

        Task<ToolResult> TreeAsync(int number)
        {
            Put("a.py", $"def f{number}():\n    pass\n");
            return MapAsync(new { });
        }
    }

    [Fact]
    public async Task Map_WithoutGit_ReadsEveryFileAndIsNotKept()
    {
        Put("a.go", "package a\n\nfunc Total() int { return 1 }\n");
        Put("node_modules/x.js", "function hidden() {}\n");
        var map = await MapAsync(new { });
        Assert.Equal("a.go\n  3 func Total()\n", map.Text);
        Assert.False(Cached(await MapAsync(new { })));
    }

    [Fact]
    public async Task Map_OfNothing_SaysSo()
    {
        (await tool.CallAsync(execution, new { path = "/work/none" })).MustFail("AEGIS2110");
        Put("a.bin", "x");
        (await tool.CallAsync(execution, new { })).MustFail("AEGIS2695");
        (await tool.CallAsync(execution, new { path = "/etc" })).MustFail("AEGIS2100");
    }

    [Fact]
    public async Task Map_FilesAtTheLimitsAndOnePast()
    {
        Put("at.py", new string('#', SourceReading.FileBytesMax));
        Put("past.py", new string('#', SourceReading.FileBytesMax + 1));
        var map = await MapAsync(new { });
        Assert.Equal((1, 1), (map.Output("files_read").GetInt32(), map.Output("files_skipped").GetInt32()));
        File.Delete(Path.Combine(App, "at.py"));
        File.Delete(Path.Combine(App, "past.py"));
        for (var i = 0; i <= SourceReading.FilesMax; i++)
        {
            Put($"{i:d4}.py", "");
        }
        map = await MapAsync(new { });
        Assert.Equal((SourceReading.FilesMax, 1),
            (map.Output("files_read").GetInt32(), map.Output("files_skipped").GetInt32()));
    }

    [Fact]
    public async Task Map_OfThisRepository_KeepsItsBudget()
    {
        var root = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../.."));
        foreach (var path in GitFixture.Run(root, "-c", "safe.directory=*", "ls-files").Split('\n'))
        {
            var (from, to) = (Path.Combine(root, path), Path.Combine(App, path));
            if (File.Exists(from))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(to)!);
                File.Copy(from, to);
            }
        }
        GitFixture.Run(App, "init", "-q", "-b", "main", ".");
        GitFixture.Run(App, "add", "-A");
        foreach (var budget in (int[])[RepoMapTool.BudgetMin, 1_000, 4_000, RepoMapTool.BudgetMax])
        {
            var map = await MapAsync(new
            {
                task = "the egress proxy denies a host that egress_allow names",
                budget_tokens = budget,
            });
            output.WriteLine($"{map.Output("files_read")} files, budget {budget}: {map.Output("tokens")} "
                + $"tokens, {map.Output("files_mapped")} files, cached {Cached(map)}\n"
                + map.Text![..Math.Min(400, map.Text!.Length)]);
            Assert.InRange(RepoMapText.TokensOf(map.Text!), 0, budget);
            Assert.Contains(budget >= 4_000 ? "EgressProxy" : "", map.Text, StringComparison.Ordinal);
        }
    }

    private static bool Cached(ToolResult map) => map.Output("cached").GetBoolean();

    private async Task<ToolResult> MapAsync(object input) =>
        (await tool.CallAsync(execution, input)).MustWork();

    private void Put(string path, string text)
    {
        var file = Path.Combine(App, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
