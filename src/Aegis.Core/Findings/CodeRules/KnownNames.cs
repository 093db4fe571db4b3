namespace Aegis.Core.Findings.CodeRules;

/// <summary>What is known of the variables in sight. A block ends what was declared in it; setting a variable
/// again adds to what is known of it, because the other branch may be the one that runs.</summary>
internal sealed class KnownNames
{
    private readonly Dictionary<string, Facts> names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Facts>.AlternateLookup<ReadOnlySpan<char>> bySpan;
    private readonly Stack<List<(string Name, Facts? Before)>> blocks = new();

    public KnownNames()
    {
        bySpan = names.GetAlternateLookup<ReadOnlySpan<char>>();
        blocks.Push([]);
    }

    /// <summary>Null for a name that nothing has been seen of.</summary>
    public Facts? Find(ReadOnlySpan<char> name) =>
        bySpan.TryGetValue(name, out var facts) ? facts : null;

    public void Declare(ReadOnlySpan<char> name, Facts facts)
    {
        var key = name.ToString();
        blocks.Peek().Add((key, names.TryGetValue(key, out var before) ? before : null));
        names[key] = facts;
    }

    public void Set(ReadOnlySpan<char> name, Facts facts)
    {
        if (Find(name) is { } before)
        {
            names[name.ToString()] = before | facts;
        }
        else
        {
            Declare(name, facts);
        }
    }

    /// <summary>Something has looked at where the value leads.</summary>
    public void Tame(ReadOnlySpan<char> name)
    {
        if (Find(name) is { } facts)
        {
            names[name.ToString()] = facts & ~Facts.Request;
        }
    }

    public void Open() => blocks.Push([]);

    public void Close()
    {
        if (blocks.Count == 1)
        {
            return;
        }
        var block = blocks.Pop();
        for (var i = block.Count - 1; i >= 0; i--)
        {
            if (block[i].Before is { } before)
            {
                names[block[i].Name] = before;
            }
            else
            {
                names.Remove(block[i].Name);
            }
        }
    }
}
