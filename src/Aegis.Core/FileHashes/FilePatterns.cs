using System.Collections.Immutable;
using Aegis.Core.Errors;

namespace Aegis.Core.FileHashes;

/// <summary>The arguments of <c>hashFiles()</c>, read as GitHub's runner reads them: one pattern a line,
/// <c>#</c> begins a comment, <c>!</c> excludes what patterns above chose. Paths are relative to the
/// workspace; what lies outside is never chosen. Letters differ by case, and a leading dot is a letter like
/// any other.</summary>
public sealed class FilePatterns
{
    public const int PatternsMax = 1_000;
    public const int PatternLengthMax = 4_096;

    private readonly string[] root;
    private readonly ImmutableArray<FilePattern> patterns;

    private FilePatterns(string[] root, ImmutableArray<FilePattern> patterns)
    {
        this.root = root;
        this.patterns = patterns;
        SearchPaths = [.. FindSearchPaths()];
    }

    /// <summary>Where to look, relative to the workspace and in this order; the empty path is the workspace
    /// itself. Below each, entries are visited in the order of their names' bytes, folders and files alike:
    /// so the files come in the order in which they are hashed.</summary>
    public ImmutableArray<string> SearchPaths { get; }

    /// <param name="workspace">The workspace's own absolute path, for patterns that begin with a
    /// slash.</param>
    public static FilePatternsParse Parse(ImmutableArray<string> arguments, string workspace)
    {
        if (arguments is [var first, ..] && first.StartsWith("--", StringComparison.Ordinal))
        {
            return new FilePatternsParse(null, new AegisError("AEGIS1097",
                "hashFiles() takes no options here: it never follows symbolic links", "patterns", first));
        }
        var root = workspace.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var lines = arguments.SelectMany(a => a.Split('\n')).Select(l => l.Trim())
            .Where(l => l.Length > 0 && l[0] != '#').ToList();
        if (lines.Count > PatternsMax)
        {
            return new FilePatternsParse(null, new AegisError("AEGIS1097",
                "hashFiles() got too many patterns", $"at most {PatternsMax}", $"{lines.Count}",
                "name folders, or use **"));
        }
        var patterns = ImmutableArray.CreateBuilder<FilePattern>();
        foreach (var line in lines)
        {
            var (pattern, error) = FilePatternReader.Read(line, root);
            if (error is not null)
            {
                return new FilePatternsParse(null, error);
            }
            patterns.Add(pattern!);
        }
        return new FilePatternsParse(new FilePatterns(root, patterns.ToImmutable()), null);
    }

    /// <summary>Whether a file is chosen: the last pattern that matches it decides.</summary>
    /// <param name="file">Relative to the workspace, with slashes.</param>
    public bool Choose(string file)
    {
        var path = Absolute(file);
        var isChosen = false;
        foreach (var pattern in patterns)
        {
            if (pattern.IsExclusion == isChosen && pattern.Matches(path))
            {
                isChosen = !pattern.IsExclusion;
            }
        }
        return isChosen;
    }

    /// <summary>Whether a folder may hold files that are chosen, so that it must be looked into.</summary>
    public bool MayChooseBelow(string folder)
    {
        var path = Absolute(folder);
        return patterns.Any(p => !p.IsExclusion && p.MayMatchBelow(path));
    }

    private string[] Absolute(string path) =>
        [.. root, .. path.Split('/', StringSplitOptions.RemoveEmptyEntries)];

    // a path that lies below another one is found by that one
    private IEnumerable<string> FindSearchPaths()
    {
        var all = patterns.Where(p => !p.IsExclusion).Select(p => p.SearchPath).ToList();
        var kept = new List<ImmutableArray<string>>();
        foreach (var path in all)
        {
            if (!all.Any(other => other.Length < path.Length && IsBelow(path.AsSpan(), other.AsSpan()))
                && !kept.Any(other => other.AsSpan().SequenceEqual(path.AsSpan())))
            {
                kept.Add(path);
            }
        }
        return kept.Where(p => IsBelow(p.AsSpan(), root) || IsBelow(root, p.AsSpan()))
            .Select(p => string.Join('/', p.Skip(root.Length)));
    }

    private static bool IsBelow(ReadOnlySpan<string> path, ReadOnlySpan<string> folder) =>
        path.Length >= folder.Length && path[..folder.Length].SequenceEqual(folder);
}

public readonly record struct FilePatternsParse(FilePatterns? Patterns, AegisError? Error);
