using System.Collections;
using System.Collections.Immutable;

namespace Aegis.Cli;

/// <summary>The user's own environment for a program of the user's own machine, and what is added to
/// it.</summary>
internal static class Inheritance
{
    public static ImmutableSortedDictionary<string, string> Of(
        IEnumerable<KeyValuePair<string, string>> more)
    {
        var all = ImmutableSortedDictionary.CreateBuilder<string, string>();
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            all[(string)variable.Key] = (string)variable.Value!;
        }
        foreach (var (name, value) in more)
        {
            all[name] = value;
        }
        return all.ToImmutable();
    }
}
