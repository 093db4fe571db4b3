using System.Collections.Immutable;
using System.Text;
using Aegis.Core.Evals;

namespace Aegis.Cli.Evals;

/// <summary>Files of a case, read into it. Links are not followed: a case holds what stands in its
/// folder.</summary>
internal static class CaseFolder
{
    /// <summary>Files that a case begins with, and as many that judge.</summary>
    public const int FilesMax = 64;

    public const int FileBytesMax = 64 * 1024;

    /// <summary>Bytes of all of them, and of the tests.</summary>
    public const int BytesMax = 256 * 1024;

    private static readonly EnumerationOptions Deep = new()
    {
        RecurseSubdirectories = true,
        AttributesToSkip = FileAttributes.ReparsePoint,
        IgnoreInaccessible = false,
        MatchType = MatchType.Simple,
    };

    /// <summary>All files of a folder, by their paths below it.</summary>
    public static ImmutableArray<EvalFile> Read(string caseId, string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw Wrong(caseId, $"there is no folder {folder}", "name one beside the suite");
        }
        return Read(caseId, folder, Directory.EnumerateFiles(folder, "*", Deep)
            .Select(f => Path.GetRelativePath(folder, f)).Take(FilesMax + 1).Order(StringComparer.Ordinal));
    }

    /// <summary>Some files of it.</summary>
    public static ImmutableArray<EvalFile> Read(string caseId, string folder, IEnumerable<string> paths)
    {
        var files = ImmutableArray.CreateBuilder<EvalFile>();
        var bytes = 0L;
        foreach (var path in paths)
        {
            var full = Inside(caseId, folder, path);
            var info = new FileInfo(full);
            bytes += info.Length;
            if (info.Length > FileBytesMax || bytes > BytesMax || files.Count == FilesMax)
            {
                throw Wrong(caseId, $"{folder} holds too much at {path}",
                    $"at most {FilesMax} files of {FileBytesMax} bytes, {BytesMax} in all");
            }
            files.Add(new EvalFile(path.Replace('\\', '/'), Text(caseId, full)));
        }
        return files.ToImmutable();
    }

    /// <summary>A path that a file names, where it stays in the folder.</summary>
    public static string Inside(string caseId, string folder, string path)
    {
        var full = Path.GetFullPath(Path.Combine(folder, path));
        return full.StartsWith(Path.GetFullPath(folder) + Path.DirectorySeparatorChar,
            StringComparison.Ordinal) && (File.Exists(full) || Directory.Exists(full))
            && new FileInfo(full).LinkTarget is null
            ? full : throw Wrong(caseId, $"{path} is not in {folder}", "name what stands there, no link");
    }

    public static CliException Wrong(string caseId, string what, string mend) =>
        new(ExitCode.Usage, "AEGIS2746", $"case {caseId}: {what}", mend);

    private static string Text(string caseId, string file)
    {
        try
        {
            return new UTF8Encoding(false, true).GetString(File.ReadAllBytes(file));
        }
        catch (DecoderFallbackException)
        {
            throw Wrong(caseId, $"{file} is not UTF-8 text", "keep binary files out of cases");
        }
    }
}
