using Aegis.Core.Errors;

namespace Aegis.Tools.Files;

/// <summary>Paths that tools take: absolute at or below /work (or its other name, /app/workplace), or
/// relative to /work. Resolved by text alone: what a symbolic link points at is the sandbox's matter, not
/// ours.</summary>
public static class WorkPath
{
    public const string Root = "/work";
    public const int LengthMax = 4096;
    private const string OtherName = "/app/workplace";
    private const int ComponentBytesMax = 255;

    /// <summary>Resolves <c>.</c> and <c>..</c>; the result has no trailing slash.</summary>
    public static bool TryResolve(string path, out string resolved, out AegisError? error)
    {
        resolved = Root;
        error = Wrong(path, out var why, ref resolved)
            ? new AegisError("AEGIS2100", why, "a path at or below /work", Shown(path),
                "name a path below /work, or one relative to it")
            : null;
        return error is null;
    }

    /// <summary>What is wrong with the path that a member of an input holds; null for nothing.</summary>
    public static AegisError? Wrong(string? path, string member) =>
        path is null || TryResolve(path, out _, out var error) ? null
            : error! with { Place = new ErrorPlace(ErrorPlace.Step(member)) };

    /// <summary>The path as people read it: relative to /work, <c>.</c> for /work itself.</summary>
    public static string Relative(string resolved) =>
        resolved == Root ? "." : resolved[(Root.Length + 1)..];

    private static bool Wrong(string path, out string why, ref string resolved)
    {
        why = "a path leaves /work";
        if (path.Length is 0 or > LengthMax)
        {
            why = $"a path must have 1 to {LengthMax} characters";
            return true;
        }
        if (path.AsSpan().IndexOfAnyInRange('\0', '\x1f') >= 0)
        {
            why = "a path holds control characters";
            return true;
        }
        if (!TryCutRoot(path, out var rest))
        {
            return true;
        }
        var parts = new List<string>();
        foreach (var part in rest.Split('/'))
        {
            if (part is "" or ".")
            {
                continue;
            }
            if (part != "..")
            {
                if (System.Text.Encoding.UTF8.GetByteCount(part) > ComponentBytesMax)
                {
                    why = $"a name in a path has more than {ComponentBytesMax} bytes";
                    return true;
                }
                parts.Add(part);
                continue;
            }
            if (parts.Count == 0)
            {
                return true;
            }
            parts.RemoveAt(parts.Count - 1);
        }
        resolved = parts.Count == 0 ? Root : $"{Root}/{string.Join('/', parts)}";
        return false;
    }

    private static bool TryCutRoot(string path, out string rest)
    {
        rest = path;
        if (!path.StartsWith('/'))
        {
            return true;
        }
        foreach (var root in (ReadOnlySpan<string>)[Root, OtherName])
        {
            if (path == root || path.StartsWith(root + "/", StringComparison.Ordinal))
            {
                rest = path[root.Length..];
                return true;
            }
        }
        return false;
    }

    private static string Shown(string path) => path.Length <= 200 ? path : path[..200] + "…";
}
