using System.Globalization;
using System.Text;
using System.Text.Json;
using Aegis.Core.FileHashes;
using Aegis.Tests.Shared;
using Xunit.Abstractions;

namespace Aegis.Files.Tests;

/// <summary>The same trees and patterns to GitHub's own <c>hashFiles</c> and to this one. The seed is
/// printed; AEGIS_TEST_SEED repeats it.</summary>
public sealed class GitHubGlobTests(ITestOutputHelper output) : IDisposable
{
    private const int Trees = 20;
    private const int QuestionsOfATree = 20;

    private readonly string folder = Directory.CreateTempSubdirectory("aegis-files-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task HashFiles_GeneratedTreesAndPatterns_HashesAsGitHubsLibraryDoes()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("AEGIS_TEST_SEED"),
            CultureInfo.InvariantCulture, out var given) ? given : Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var maker = new TreeMaker(new Random(seed));
        var questions = Enumerable.Range(0, Trees).SelectMany(n => Questions(maker, n)).ToList();
        var (asked, answered) = (Path.Combine(folder, "questions"), Path.Combine(folder, "answers"));
        await File.WriteAllLinesAsync(asked,
            questions.Select(q => JsonSerializer.Serialize(new { folder = q.Folder, patterns = q.Patterns })),
            new UTF8Encoding(false));
        await NodeProgram.RunAsync("hash-files.mjs", asked, answered);
        var answers = await File.ReadAllLinesAsync(answered);
        Assert.Equal(questions.Count, answers.Length);

        var wrong = new List<string>();
        for (var i = 0; i < answers.Length; i++)
        {
            var (workspace, patterns) = questions[i];
            var got = Hash(workspace, patterns);
            if (answers[i] != "=?" && "=" + (got.Hash ?? "!") != answers[i])
            {
                wrong.Add($"{JsonSerializer.Serialize(patterns)} in {string.Join(", ", Files(workspace))}:\n"
                    + $"  expected {answers[i]}\n  got      ={got.Hash} {got.Error}");
            }
        }
        Assert.True(wrong.Count == 0, $"seed {seed}: {wrong.Count} of {answers.Length} differ\n"
            + string.Join("\n", wrong.Take(15)));
        Assert.InRange(answers.Count(a => a == "=?"), 0, answers.Length / 15);
        Assert.InRange(answers.Count(a => a.Length > 2), answers.Length / 5, answers.Length);
        Assert.Contains("=", answers);
        Assert.Contains("=!", answers);
    }

    private IEnumerable<(string Folder, string[] Patterns)> Questions(TreeMaker maker, int number)
    {
        var workspace = Directory.CreateDirectory(Path.Combine(folder, $"tree {number}")).FullName;
        maker.Fill(workspace);
        for (var i = 0; i < QuestionsOfATree; i++)
        {
            yield return (workspace, maker.Patterns(workspace));
        }
    }

    private static IEnumerable<string> Files(string workspace) =>
        Directory.EnumerateFiles(workspace, "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(workspace, f)).Take(40);

    private static FileHash Hash(string workspace, string[] patterns) =>
        new WorkspaceFileHashes(workspace, new FileHashLimits(), CancellationToken.None)
            .HashOf([.. patterns]);
}
