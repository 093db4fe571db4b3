using System.Text;
using Aegis.Tools.Files;
using Aegis.Tools.Tests.Support;

namespace Aegis.Tools.Tests.Files;

/// <summary>Random edits of real sources: what git diff says is applied as git apply does it, and
/// undone.</summary>
public sealed class PatchOnTreesTests : IDisposable
{
    private const int Seeds = 12;
    private readonly HostExecution execution = new();
    private readonly string git = Directory.CreateTempSubdirectory("aegis-trees-").FullName;

    public void Dispose()
    {
        execution.Dispose();
        Directory.Delete(git, recursive: true);
    }

    [Fact]
    public async Task Patch_OfRandomEdits_IsWhatGitMakesOfItAndCanBeUndone()
    {
        var sources = Sources();
        for (var seed = 1; seed <= Seeds; seed++)
        {
            var chance = new Random(seed);
            var (before, patch, after) = Edited(sources, chance, $"tree{seed}");
            var work = Directory.CreateDirectory(Path.Combine(execution.Work, $"t{seed}")).FullName;
            Fill(work, before);
            var result = (await new FilePatch().CallAsync(execution,
                new { patch, cwd = $"/work/t{seed}" })).MustWork();
            AssertSame(after, Tree(work), $"seed {seed}: applied");
            Assert.All(result.Output("hunks").EnumerateArray(),
                h => Assert.Equal("exact", h.GetProperty("match").GetString()));
            (await new FileRestore().CallAsync(execution,
                new { backup = result.Output("backup").GetString() })).MustWork();
            AssertSame(before, Tree(work), $"seed {seed}: undone");
        }
    }

    // sources of the product, of several sizes; every third with carriage returns, every fifth without a line
    // feed at its end
    private static List<string> Sources()
    {
        var root = Path.Combine(AppContext.BaseDirectory, "../../../../..");
        return [.. Directory.EnumerateFiles(
                Path.Combine(Path.GetFullPath(root), "src", "Aegis.Tools"), "*.cs",
                SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).Take(60).Select(File.ReadAllText)
            .Select((text, i) => i % 3 == 0 ? text.Replace("\n", "\r\n", StringComparison.Ordinal)
                : i % 5 == 0 ? text.TrimEnd('\n') : text)];
    }

    private (Dictionary<string, string> Before, string Patch, Dictionary<string, string> After) Edited(
        List<string> sources, Random chance, string name)
    {
        var tree = Directory.CreateDirectory(Path.Combine(git, name)).FullName;
        GitFixture.Run(tree, "init", "-q", "-b", "main", ".");
        GitFixture.Run(tree, "config", "core.autocrlf", "false");
        var before = Enumerable.Range(0, 8).ToDictionary(i => $"dir {i % 3}/f{i}.cs",
            _ => sources[chance.Next(sources.Count)]);
        Fill(tree, before);
        GitFixture.Run(tree, "add", "-A");
        GitFixture.Run(tree, "commit", "-q", "-m", "before");
        foreach (var path in before.Keys)
        {
            Meddle(Path.Combine(tree, path), chance);
        }
        Fill(tree, new() { ["new/é.txt"] = "one\ntwo" });
        GitFixture.Run(tree, "add", "-A");
        var file = Path.Combine(git, $"{name}.patch");
        GitFixture.Run(tree, "diff", "--cached", "-M", "--output", file);
        GitFixture.Run(tree, "reset", "-q", "--hard");
        GitFixture.Run(tree, "apply", file);
        return (before, File.ReadAllText(file), Tree(tree));
    }

    private static void Meddle(string file, Random chance)
    {
        var lines = File.ReadAllText(file).Split('\n').ToList();
        switch (chance.Next(8))
        {
            case 0:
                File.Delete(file);
                return;
            case 1:
                File.Move(file, file + ".moved");
                return;
            case 2:
                File.SetUnixFileMode(file, File.GetUnixFileMode(file) | UnixFileMode.UserExecute
                    | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
                return;
            default:
                for (var edits = chance.Next(1, 12); edits > 0; edits--)
                {
                    var at = chance.Next(lines.Count);
                    _ = chance.Next(3) switch
                    {
                        0 => Do(() => lines.Insert(at, $"    inserted {chance.Next()}")),
                        1 when lines.Count > 3 => Do(() => lines.RemoveAt(at)),
                        _ => Do(() => lines[at] = $"changed {chance.Next()}"),
                    };
                }
                File.WriteAllText(file, string.Join('\n', lines));
                return;
        }
    }

    private static bool Do(Action act)
    {
        act();
        return true;
    }

    private static void Fill(string folder, Dictionary<string, string> files)
    {
        foreach (var (path, text) in files)
        {
            var file = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text, new UTF8Encoding(false));
        }
    }

    /// <summary>Every file with its bytes and whether it can be executed.</summary>
    private static Dictionary<string, string> Tree(string folder) => Directory
        .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Where(f => !f.Contains("/.git/", StringComparison.Ordinal))
        .ToDictionary(f => Path.GetRelativePath(folder, f), f => File.ReadAllText(f)
            + (File.GetUnixFileMode(f).HasFlag(UnixFileMode.UserExecute) ? "\0x" : ""));

    private static void AssertSame(
        Dictionary<string, string> expected, Dictionary<string, string> got, string when)
    {
        Assert.True(expected.Keys.Order().SequenceEqual(got.Keys.Order()),
            $"{when}: {string.Join(", ", expected.Keys.Order())} / {string.Join(", ", got.Keys.Order())}");
        foreach (var (path, text) in expected)
        {
            Assert.True(text == got[path], $"{when}: {path} differs");
        }
    }
}
