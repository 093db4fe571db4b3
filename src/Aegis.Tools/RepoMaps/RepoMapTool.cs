using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text;
using Aegis.Core.Errors;
using Aegis.Core.RepoMaps;
using Aegis.Gate;
using Aegis.Tools.Files;
using Aegis.Tools.Shell;

namespace Aegis.Tools.RepoMaps;

/// <param name="Path">The repository's folder.</param>
/// <param name="Task">What the map is for; what it names comes first.</param>
/// <param name="BudgetTokens">Never more than this, at three bytes a token.</param>
/// <param name="Files">Files that the task is about, relative to path.</param>
/// <param name="SourceTokens">So much of the most relevant files themselves, whole files with numbered
/// lines.</param>
public sealed record RepoMapInput(
    [property: StringLength(WorkPath.LengthMax, MinimumLength = 1)] string Path = "/work/app",
    [property: StringLength(RepoMapTool.TaskCharsMax)] string Task = "",
    [property: Range(RepoMapTool.BudgetMin, RepoMapTool.BudgetMax)] int BudgetTokens = 4_000,
    [property: Length(0, RepoMapTool.MentionedMax)] ImmutableArray<string>? Files = null,
    [property: Range(0, RepoMapTool.SourceMax)] int SourceTokens = 0);

/// <summary>A map of a repository: its files with their most relevant definitions, for a task, within a
/// budget of tokens.</summary>
public sealed class RepoMapTool : Tool<RepoMapInput>
{
    public const int TaskCharsMax = 65_536;
    public const int BudgetMin = 16;
    public const int BudgetMax = 16_000;
    public const int SourceMax = 16_000;
    public const int MentionedMax = 200;

    /// <summary>Files that the outputs name.</summary>
    public const int NamedMax = 100;

    private readonly RepoIndexes indexes = new();

    public override ToolDescriptor Descriptor { get; } =
        new("repo.map", "tools:file", ToolEffect.Pure,
        "Maps a repository for a task: files with their most relevant definitions, within a token budget.",
        UsesWorkspace: true);

    protected override AegisError? Judge(RepoMapInput input) => WorkPath.Wrong(input.Path, "path");

    protected override async ValueTask<ToolResult> InvokeAsync(RepoMapInput input, Execution execution,
        CancellationToken cancel)
    {
        if (!WorkPath.TryResolve(input.Path, out var folder, out var error))
        {
            return ToolResult.Fail(error!);
        }
        (var read, error) = await indexes.OfAsync(folder, execution, cancel);
        if (read is null)
        {
            return ToolResult.Fail(error!);
        }
        var ranked = RepoRank.Of(read.Index, new MapQuestion(input.Task, input.Files ?? []));
        var map = RepoMapText.Of(ranked, input.BudgetTokens);
        var sources = input.SourceTokens == 0 ? "" : await SourcesAsync(
            folder, ranked, input.SourceTokens, execution, cancel);
        return new ToolResult(true, map.Text + sources, ToolJson.Element(new
        {
            tokens = map.Tokens,
            source_tokens = RepoMapText.TokensOf(sources),
            files = map.Files.Take(NamedMax),
            files_mapped = map.Files.Length,
            symbols = map.Symbols,
            files_read = read.Index.Paths.Length,
            files_skipped = read.Listing.Skipped,
            tree = read.Listing.TreeHash,
            cached = read.Cached,
            ctags = read.ByCtags ? "used" : "not_available",
        }));
    }

    private static async ValueTask<string> SourcesAsync(string folder, ImmutableArray<RankedSymbol> ranked,
        int budget, Execution execution, CancellationToken cancel)
    {
        const int looked = 40;
        ImmutableArray<string> best = [.. ranked.GroupBy(r => r.Path, StringComparer.Ordinal)
            .Select(g => (g.Key, Score: g.Sum(r => r.Score)))
            .OrderByDescending(g => g.Score).ThenBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => g.Key).Take(looked)];
        var (files, error) = await SourceReading.ReadAsync(
            folder, new SourceListing(null, best, 0), execution, cancel);
        var text = new StringBuilder();
        foreach (var file in error is null ? best.SelectMany(p => files.Where(f => f.Path == p)) : [])
        {
            var shown = Numbered(file);
            // a file that does not fit is left out, a smaller one behind it may fit
            if (RepoMapText.TokensOf(text + shown) <= budget)
            {
                text.Append(shown);
            }
        }
        return text.ToString();
    }

    private static string Numbered(SourceFile file)
    {
        var text = new StringBuilder($"\n--- {file.Path}\n");
        var number = 0;
        foreach (var line in file.Text.TrimEnd('\n').Split('\n'))
        {
            text.Append(CultureInfo.InvariantCulture, $"{++number}: {line.TrimEnd('\r')}\n");
        }
        return text.ToString();
    }
}
