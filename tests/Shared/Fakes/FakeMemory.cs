using System.Collections.Concurrent;

namespace Aegis.Tests.Shared.Fakes;

/// <summary>What the fake keeps of prompts, as providers do.</summary>
internal sealed class FakeMemory
{
    private readonly ConcurrentDictionary<string, int> prefixes = new();
    private readonly ConcurrentDictionary<string, int> contents = new();
    private int made;

    /// <summary>Whether a marked prefix came before; now it has.</summary>
    public bool Knows(string prefix, int tokens) => !prefixes.TryAdd(prefix, tokens);

    public string Store(int tokens)
    {
        var name = $"cachedContents/fake{Interlocked.Increment(ref made)}";
        contents[name] = tokens;
        return name;
    }

    public int? Stored(string name) => contents.TryGetValue(name, out var tokens) ? tokens : null;
}
