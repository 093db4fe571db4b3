namespace Aegis.Discovery.Programs;

/// <summary>
/// Whether a found program may be started just to ask for its version. It may where only its owner's user and
/// root could have put it there: every folder and link on the way to it, and the file that the last link
/// leads to, belongs to one of them and can be written by nobody else. A folder with the sticky bit passes,
/// as what stands in it must belong to one of them as well.
/// </summary>
internal static class ProgramTrust
{
    private const int LinksMax = 40;

    /// <summary>Why a program is not asked; null where it may be.</summary>
    /// <param name="path">Absolute.</param>
    public static string? WhyNot(string path) => Walk(path, out var at) ?? File(at, Libc.Ownership(at));

    /// <summary>Whether nobody else can put a program into this folder, or another folder in its
    /// place.</summary>
    public static bool IsOwnFolder(string path) =>
        Walk(path, out var at) is null && Libc.Ownership(at) is { IsFolder: true, OthersWrite: false };

    private static string? Walk(string path, out string at)
    {
        var (rest, links) = (new Stack<string>(), 0);
        at = "/";
        Push(rest, path);
        while (rest.TryPop(out var name))
        {
            if (name == "..")
            {
                at = Path.GetDirectoryName(at) ?? "/";
                continue;
            }
            var next = Path.Combine(at, name);
            if (Libc.Ownership(next) is not { } found)
            {
                return $"{next} cannot be looked at";
            }
            if (Foreign(next, found) is { } why)
            {
                return why;
            }
            if (!found.IsLink)
            {
                at = next;
                continue;
            }
            if (++links > LinksMax || new FileInfo(next).LinkTarget is not { } target)
            {
                return $"{next} is a link that leads nowhere";
            }
            at = target.StartsWith('/') ? "/" : at;
            Push(rest, target);
        }
        return null;
    }

    private static string? Foreign(string path, FileOwnership found)
    {
        if (found.Uid != 0 && found.Uid != Libc.geteuid())
        {
            return $"{path} belongs to another user";
        }
        // a link has no rights of its own
        return found.OthersWrite && !found.IsLink && !(found.IsFolder && found.IsSticky)
            ? $"others can write {path}" : null;
    }

    private static string? File(string path, FileOwnership? found) => found switch
    {
        not { IsFile: true } => $"{path} is no file",
        { BorrowsRights: true } => $"{path} runs with the rights of its owner or group",
        _ => null,
    };

    private static void Push(Stack<string> rest, string path)
    {
        foreach (var part in path.Split('/').Reverse().Where(p => p is not ("" or ".")))
        {
            rest.Push(part);
        }
    }
}
