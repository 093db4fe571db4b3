namespace Aegis.Core.RepoMaps;

/// <summary>How much a name has to do with a task: by the words that both have, each by how rare it is in the
/// repository. A name that the task writes just so, and that is no plain word, counts on top.</summary>
internal sealed class TaskWords
{
    private const double SaidJustSo = 12;
    private readonly string task;
    private readonly HashSet<string> names;
    private readonly Dictionary<string, double> rarity;

    public TaskWords(string task, RepoIndex index)
    {
        this.task = task;
        names = SourceNames.All(task);
        var asked = names.SelectMany(SourceNames.Words).ToHashSet(StringComparer.Ordinal);
        var found = asked.ToDictionary(w => w, _ => 0, StringComparer.Ordinal);
        foreach (var path in index.Paths)
        {
            foreach (var word in SourceNames.Words(path)
                .Concat(index.Symbols[path].SelectMany(s => SourceNames.Words(s.Name)))
                .Where(asked.Contains).Distinct())
            {
                found[word]++;
            }
        }
        rarity = found.ToDictionary(f => f.Key,
            f => Math.Log(1 + (index.Paths.Length / (1.0 + f.Value))), StringComparer.Ordinal);
    }

    /// <summary>Whether the task names this file.</summary>
    public bool SaysPath(string path) => task.Contains(path, StringComparison.Ordinal);

    /// <summary>1 for what has nothing to do with the task; several words together say more than their
    /// sum.</summary>
    public double Weight(string name)
    {
        var sum = 0.0;
        foreach (var word in SourceNames.Words(name).Distinct())
        {
            sum += rarity.GetValueOrDefault(word);
        }
        var own = name.StartsWith('_') ? 0.3 : 1;
        return own + (sum * sum / 4) + (names.Contains(name) && !IsPlainWord(name) ? SaidJustSo : 0);
    }

    private static bool IsPlainWord(string name) => name.All(char.IsAsciiLetterLower);
}
