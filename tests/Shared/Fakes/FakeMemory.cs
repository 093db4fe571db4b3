using System.Collections.Concurrent;

namespace Aegis.Tests.Shared.Fakes;

/// <summary>What the fake keeps of prompts, as providers do.</summary>
internal sealed class FakeMemory
{
    private readonly ConcurrentDictionary<string, bool> prefixes = new();
    private readonly ConcurrentDictionary<string, int> contents = new();
    private int made;

    /// <summary>The longest prefix that came before; now these have come too.</summary>
    public string Recall(string prompt, IEnumerable<string> toKeep)
    {
        var known = prefixes.Keys.Where(prefix => prompt.StartsWith(prefix, StringComparison.Ordinal))
            .MaxBy(prefix => prefix.Length) ?? "";
        foreach (var prefix in toKeep)
        {
            prefixes[prefix] = true;
        }
        return known;
    }

    public string Store(int tokens)
    {
        var name = $"cachedContents/fake{Interlocked.Increment(ref made)}";
        contents[name] = tokens;
        return name;
    }

    public int? Stored(string name) => contents.TryGetValue(name, out var tokens) ? tokens : null;

    public void ForgetContents() => contents.Clear();
}
