using System.Text;

namespace Aegis.Durability.Judges;

/// <summary>What a run has left in the world, without what must differ from run to run (ids, times, hashes of
/// commits). Two runs of the scenario that ended well have equal ones.</summary>
internal sealed record EndState(string Text)
{
    /// <summary>Reads it from the ledger and the repository. Every step's end, how often each completed, the
    /// pushed tree, how many commits, refs and pull requests, and the work tree as its last task saw
    /// it.</summary>
    public static async Task<EndState> ReadAsync(
        IReadOnlyList<StoredEvent> events, RepositoryReading? repository,
        string mark)
    {
        var text = new StringBuilder();
        text.AppendLine($"run: {events[^1].Type}");
        var ends = events.Where(
            e => e.Type is "TaskCompleted" or "TaskFailed" or "TaskSkipped" or "TaskCancelled"
            or "TaskInDoubt");
        foreach (var step in ends.GroupBy(e => e.Step!).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            text.AppendLine($"{step.Key}: {string.Join(", ", step.Select(e => e.Type))}");
        }
        if (repository is not null)
        {
            await AddRepositoryAsync(text, repository, mark);
            text.AppendLine("work tree:");
            text.AppendLine(events.LastOrDefault(e => e is { Type: "TaskCompleted", Step: "sums" })?.Output);
        }
        return new EndState(text.ToString());
    }

    /// <summary>The first line that differs, or null.</summary>
    public string? DifferenceFrom(EndState expected)
    {
        var (mine, theirs) = (Text.Split('\n'), expected.Text.Split('\n'));
        for (var i = 0; i < Math.Max(mine.Length, theirs.Length); i++)
        {
            var (a, b) = (i < mine.Length ? mine[i] : "nothing", i < theirs.Length ? theirs[i] : "nothing");
            if (a != b)
            {
                return $"undisturbed «{b.Trim()}», here «{a.Trim()}»";
            }
        }
        return null;
    }

    private static async Task AddRepositoryAsync(
        StringBuilder text, RepositoryReading repository, string mark)
    {
        if (await repository.BranchAsync($"work-{mark}") is not { } pushed)
        {
            text.AppendLine("branch: none");
            return;
        }
        text.AppendLine($"tree: {pushed.Tree}");
        text.AppendLine($"commits: {pushed.Commits}");
        text.AppendLine($"pull requests: {pushed.Pulls.Count}");
        foreach (var step in (string[])["setup", "left", "right", "write"])
        {
            var lines = await repository.LinesAsync(pushed.Sha, $"log/{step}.txt");
            text.AppendLine($"log/{step}.txt: {string.Join(" / ", lines)}");
        }
    }
}
