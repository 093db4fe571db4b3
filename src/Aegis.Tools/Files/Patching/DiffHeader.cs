using System.Collections.Immutable;
using System.Text;

namespace Aegis.Tools.Files.Patching;

/// <summary>The lines of a unified diff before its first hunk: names, modes, renames.</summary>
internal sealed class DiffHeader
{
    private const string Nothing = "/dev/null";
    private string? oldName;
    private string? newName;
    private string? renameFrom;
    private string? renameTo;
    private string? gitLine;
    private bool creates;
    private bool deletes;
    private bool? executable;

    public bool HasOldName => oldName is not null;

    /// <summary>Takes one line; false where it asks for something that patches here do not do.</summary>
    public bool Take(string line, out string? refused)
    {
        refused = null;
        if (Cut(line, "--- ") is { } from)
        {
            oldName = Name(from);
        }
        else if (Cut(line, "+++ ") is { } to)
        {
            newName = Name(to);
        }
        else if (Cut(line, "diff --git ") is { } names)
        {
            gitLine = names;
        }
        else if (Cut(line, "rename from ") is { } renamed)
        {
            renameFrom = Unquote(renamed);
        }
        else if (Cut(line, "rename to ") is { } target)
        {
            renameTo = Unquote(target);
        }
        else
        {
            return TakeMode(line, out refused);
        }
        return true;
    }

    public FileEdit? ToEdit(ImmutableArray<Hunk> hunks, out string? wrong)
    {
        wrong = null;
        if (renameFrom is not null && renameTo is not null)
        {
            return new FileEdit(EditKind.Rename, renameFrom, renameTo, hunks, executable);
        }
        var (before, after) = (Strip(oldName), Strip(newName));
        if (before is null && after is null)
        {
            before = after = FromGitLine();
        }
        creates |= oldName == Nothing;
        deletes |= newName == Nothing;
        if ((deletes ? before : after) is not { } path || (creates && deletes))
        {
            wrong = "a file's names are missing";
            return null;
        }
        if (hunks.IsEmpty && !creates && !deletes && executable is null)
        {
            wrong = $"no hunk for {path}";
            return null;
        }
        var kind = creates ? EditKind.Create : deletes ? EditKind.Delete : EditKind.Change;
        return new FileEdit(kind, path, path, hunks, executable);
    }

    private bool TakeMode(string line, out string? refused)
    {
        refused = line.StartsWith("GIT binary patch", StringComparison.Ordinal)
            || line.StartsWith("Binary files ", StringComparison.Ordinal) ? "a binary patch"
            : line.StartsWith("copy from ", StringComparison.Ordinal) ? "a copy"
            : null;
        foreach (var prefix in (ReadOnlySpan<string>)["new file mode ", "deleted file mode ", "new mode "])
        {
            if (refused is not null || Cut(line, prefix) is not { } mode)
            {
                continue;
            }
            if (!mode.StartsWith("100", StringComparison.Ordinal))
            {
                refused = $"mode {mode} (a symbolic link or a submodule)";
            }
            creates |= prefix[4] == 'f';
            deletes |= prefix[0] == 'd';
            executable = mode == "100755" ? true : prefix == "new mode " ? false : executable;
        }
        return refused is null;
    }

    private string? FromGitLine()
    {
        // without ---/+++ both names are the same: `a/NAME b/NAME`
        if (gitLine is null)
        {
            return null;
        }
        if (gitLine.StartsWith('"'))
        {
            var end = gitLine.IndexOf("\" ", StringComparison.Ordinal);
            return end < 0 ? null : Unquote(gitLine[..(end + 1)])[2..];
        }
        var half = (gitLine.Length - 1) / 2;
        return half > 2 && gitLine[2..half] == gitLine[(half + 3)..] ? gitLine[2..half] : null;
    }

    private string? Strip(string? name)
    {
        if (name is null or Nothing)
        {
            return null;
        }
        var prefixed = (oldName is Nothing || oldName!.StartsWith("a/", StringComparison.Ordinal))
            && (newName is Nothing || (newName?.StartsWith("b/", StringComparison.Ordinal) ?? false));
        return prefixed ? name[2..] : name;
    }

    private static string Name(string text)
    {
        var tab = text.IndexOf('\t', StringComparison.Ordinal);
        return Unquote(tab < 0 ? text.TrimEnd() : text[..tab]);
    }

    /// <summary>git quotes names with unusual bytes as C strings with octal escapes of UTF-8 bytes.</summary>
    private static string Unquote(string text)
    {
        if (text.Length < 2 || text[0] != '"' || text[^1] != '"')
        {
            return text;
        }
        var bytes = new List<byte>(text.Length);
        for (var i = 1; i < text.Length - 1; i++)
        {
            if (text[i] != '\\' || i + 1 >= text.Length - 1)
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(text[i].ToString()));
                continue;
            }
            var c = text[++i];
            if (c is >= '0' and <= '3' && i + 2 < text.Length - 1)
            {
                bytes.Add((byte)(((c - '0') << 6) | ((text[i + 1] - '0') << 3) | (text[i + 2] - '0')));
                i += 2;
                continue;
            }
            bytes.Add((byte)(c switch { 'n' => '\n', 't' => '\t', 'r' => '\r', _ => c }));
        }
        return Encoding.UTF8.GetString([.. bytes]);
    }

    private static string? Cut(string line, string prefix) =>
        line.StartsWith(prefix, StringComparison.Ordinal) ? line[prefix.Length..] : null;
}
