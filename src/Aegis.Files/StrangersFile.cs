using Microsoft.Win32.SafeHandles;

namespace Aegis.Files;

/// <summary>One file of a folder that is a stranger's, opened step by step by descriptors and never through a
/// link.</summary>
public static class StrangersFile
{
    private const int StepsMax = 64;

    /// <summary>Null where there is no such file, or something other than a file on the way there.</summary>
    /// <param name="path">Relative, with <c>/</c>; parts that begin with a dot are refused unless they are
    /// the name <c>.well-known</c>.</param>
    public static FileStream? Open(string folder, string path)
    {
        var steps = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (steps.Length is 0 or > StepsMax || steps.Any(s => s.Contains('\0', StringComparison.Ordinal)
            || (s.StartsWith('.') && s != ".well-known")))
        {
            return null;
        }
        var at = Libc.Open(folder, out _);
        for (var i = 0; at is not null; i++)
        {
            var next = Libc.OpenIn(at, steps[i], out _);
            at.Dispose();
            at = next;
            if (at is null)
            {
                break;
            }
            var wanted = i == steps.Length - 1 ? EntryKind.File : EntryKind.Folder;
            if (Libc.KindOf(at) != wanted)
            {
                at.Dispose();
                return null;
            }
            if (wanted == EntryKind.File)
            {
                return new FileStream(at, FileAccess.Read, 0);
            }
        }
        return null;
    }
}
