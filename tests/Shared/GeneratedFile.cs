using System.Text;

namespace Aegis.Tests.Shared;

/// <summary>A file of the tree that is made from the sources. Tests compare it; with AEGIS_UPDATE_DOCS=1
/// (<c>./aegis docs</c>) they write it.</summary>
internal static class GeneratedFile
{
    public static string Root { get; } = FindRoot();

    private static bool Writes => Environment.GetEnvironmentVariable("AEGIS_UPDATE_DOCS") == "1";

    public static void Hold(string file, string text)
    {
        var path = Path.Combine(Root, file);
        if (Writes)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text, new UTF8Encoding(false));
            return;
        }
        Assert.True(File.Exists(path) && File.ReadAllText(path) == text,
            $"{file} is not what the sources say; mend: ./aegis docs");
    }

    /// <summary>The part of a page between two marks.</summary>
    public static void Hold(string file, string begin, string end, string text)
    {
        var page = File.ReadAllText(Path.Combine(Root, file));
        var from = page.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        var to = page.IndexOf(end, StringComparison.Ordinal);
        Assert.True(from >= begin.Length && to >= from, $"{file} has lost its marks {begin} … {end}");
        Hold(file, page[..from] + text + page[to..]);
    }

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Aegis.slnx")))
        {
            folder = Path.GetDirectoryName(folder)
                ?? throw new InvalidOperationException($"no Aegis.slnx above {AppContext.BaseDirectory}");
        }
        return folder;
    }
}
