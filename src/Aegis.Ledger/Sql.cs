using System.Collections.Frozen;
using System.Reflection;

namespace Aegis.Ledger;

/// <summary>Named queries from the embedded Queries/*.sql: each block begins with <c>-- name: x</c>, and a
/// name is unique over all files. A test prepares every one against the migrated schema.</summary>
public static class Sql
{
    private static readonly FrozenDictionary<string, string> Blocks = Load();

    public static IEnumerable<string> Names => Blocks.Keys;

    public static string Get(string name) => Blocks[name];

    private static FrozenDictionary<string, string> Load()
    {
        var found = new Dictionary<string, string>();
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var resource in assembly.GetManifestResourceNames().Where(r => r.Contains(".Queries.")))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            foreach (var block in reader.ReadToEnd().Split("-- name: ").Skip(1))
            {
                var end = block.IndexOf('\n', StringComparison.Ordinal);
                found.Add(block[..end].Trim(), block[(end + 1)..].Trim());
            }
        }
        return found.ToFrozenDictionary();
    }
}
