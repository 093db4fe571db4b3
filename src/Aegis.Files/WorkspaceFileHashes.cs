using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.FileHashes;

namespace Aegis.Files;

/// <summary>Answers <c>hashFiles()</c> from a folder on disk.</summary>
/// <param name="seenAs">The name by which patterns know the folder, if it is not its own.</param>
public sealed class WorkspaceFileHashes(string workspace, FileHashLimits limits, CancellationToken cancel,
    string? seenAs = null) : IFileHashes
{
    private readonly string workspace = Path.GetFullPath(workspace);

    public FileHash HashOf(ImmutableArray<string> patterns)
    {
        var (parsed, error) = FilePatterns.Parse(patterns, seenAs ?? workspace);
        if (parsed is null)
        {
            return new FileHash(null, error);
        }
        try
        {
            using var walk = new FileHashWalk(parsed, limits, cancel);
            return new FileHash(walk.Hash(workspace), null);
        }
        catch (AegisException e)
        {
            return new FileHash(null, e.Error);
        }
    }
}
