using System.Collections.Immutable;
using Aegis.Core.Discovery;

namespace Aegis.Discovery.Programs;

/// <summary>Looks programs up on a PATH as a shell does: the first folder that has one decides.</summary>
internal sealed class ProgramFinder
{
    public const int FoldersMax = 200;

    private const UnixFileMode Executable =
        UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly ImmutableArray<string> folders;

    /// <param name="path">Folders between colons; those that are not absolute are left out: what they mean
    /// depends on where one stands.</param>
    public ProgramFinder(string path)
    {
        var named = path.Split(':').Where(f => f.Length > 0).Distinct(StringComparer.Ordinal).ToList();
        folders = [.. named.Where(f => f.StartsWith('/')).Take(FoldersMax)];
        LeftOut = [.. named.Where(f => !f.StartsWith('/'))];
    }

    /// <summary>Folders of the PATH in which nothing was looked for.</summary>
    public ImmutableArray<string> LeftOut { get; }

    /// <summary>The PATH for programs that are asked: folders into which nobody else can put
    /// another.</summary>
    public string SafePath => string.Join(':', folders.Where(ProgramTrust.IsOwnFolder));

    public string? Find(string name) =>
        folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(IsProgram);

    private static bool IsProgram(string path)
    {
        try
        {
            return File.Exists(path) && (File.GetUnixFileMode(path) & Executable) != 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
