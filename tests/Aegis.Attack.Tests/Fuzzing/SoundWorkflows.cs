using System.Reflection;

namespace Aegis.Attack.Fuzzing;

/// <summary>What mutations begin with: the samples, and a file with every key of the language.</summary>
internal static class SoundWorkflows
{
    public static List<string> All()
    {
        var assembly = Assembly.GetExecutingAssembly();
        return [.. assembly.GetManifestResourceNames().Where(n => n.StartsWith("sound.",
            StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).Select(name =>
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
                return reader.ReadToEnd();
            })];
    }
}
