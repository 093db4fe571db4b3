using System.Collections.Immutable;

namespace Aegis.Tools.Git;

/// <param name="Code">Index and work tree, as git's short form; <c>??</c> for untracked.</param>
internal sealed record StatusFile(string Code, string Path);

/// <summary>What <c>git status --porcelain=v2 --branch -z</c> says.</summary>
/// <param name="Branch">Null where HEAD is detached.</param>
/// <param name="Sha">Null before the first commit.</param>
internal sealed record PorcelainStatus(string? Branch, string? Sha, ImmutableArray<StatusFile> Files)
{
    public static PorcelainStatus Parse(string text)
    {
        string? branch = null, sha = null;
        var files = ImmutableArray.CreateBuilder<StatusFile>();
        var fields = text.Split('\0', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < fields.Length; i++)
        {
            var field = fields[i];
            switch (field[0])
            {
                case '#' when field.StartsWith("# branch.head ", StringComparison.Ordinal):
                    branch = field[14..] is "(detached)" ? null : field[14..];
                    break;
                case '#' when field.StartsWith("# branch.oid ", StringComparison.Ordinal):
                    sha = field[13..] is "(initial)" ? null : field[13..];
                    break;
                case '1':
                    files.Add(File(field, 9));
                    break;
                case '2':
                    // the old name of a rename follows as a field of its own
                    files.Add(File(field, 10));
                    i++;
                    break;
                case 'u':
                    files.Add(File(field, 11));
                    break;
                case '?':
                    files.Add(new StatusFile("??", field[2..]));
                    break;
                default:
                    break;
            }
        }
        return new PorcelainStatus(branch, sha, files.ToImmutable());
    }

    private static StatusFile File(string field, int columns)
    {
        var parts = field.Split(' ', columns);
        return new StatusFile(parts[1].Replace('.', ' '), parts[^1]);
    }
}
