using System.Text;

namespace Aegis.Tidy.Tests;

/// <summary>The files that belong to the project. It walks the folders instead of asking git, because the
/// tests also run on a copy of the sources without a repository; what .gitignore names is left out.</summary>
internal static class SourceTree
{
    public static string Root { get; } = FindRoot();

    private static readonly HashSet<string> IgnoredFolders =
    [
        ".git",
        .. File.ReadAllLines(Path.Combine(Root, ".gitignore"))
            .Where(line => line.EndsWith('/') && !line.StartsWith('#'))
            .Select(line => line.TrimEnd('/')),
    ];

    /// <summary>Every file, as a path with '/' below the root.</summary>
    public static IReadOnlyList<string> Files { get; } = [.. Walk(Root).Order(StringComparer.Ordinal)];

    /// <summary>Files below folders whose name ends as given.</summary>
    public static IEnumerable<string> In(string ending, params string[] folders) =>
        Files.Where(f => f.EndsWith(ending, StringComparison.Ordinal)
            && folders.Any(folder => f.StartsWith(folder, StringComparison.Ordinal)));

    public static byte[] Bytes(string file) => File.ReadAllBytes(Path.Combine(Root, file));

    public static string Text(string file) => Encoding.UTF8.GetString(Bytes(file));

    public static string[] Lines(string file) => File.ReadAllLines(Path.Combine(Root, file));

    private static IEnumerable<string> Walk(string folder)
    {
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos())
        {
            if (entry is FileInfo)
            {
                // a work tree's .git is a file
                if (entry.Name != ".git" && !entry.Name.EndsWith(".swp", StringComparison.Ordinal))
                {
                    yield return Path.GetRelativePath(Root, entry.FullName);
                }
            }
            else if (!IgnoredFolders.Contains(entry.Name) && entry.LinkTarget is null)
            {
                foreach (var file in Walk(entry.FullName))
                {
                    yield return file;
                }
            }
        }
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
