using System.Collections.Immutable;
using Aegis.Core.Errors;

namespace Aegis.Tools.Files.Patching;

/// <summary>What a patch does to one file.</summary>
public enum EditKind
{
    Change,
    Create,
    Delete,
    Rename,

    /// <summary>The file's whole new text, whether there was one or not.</summary>
    Write,
}

/// <summary>What a patch asks of one file: pure data, not yet held against the file.</summary>
/// <param name="Path">The file to read; for a creation, the file to write.</param>
/// <param name="NewPath">Where the result goes; differs from Path only for a rename.</param>
/// <param name="Executable">The mode that the patch asks for; null leaves it as it is.</param>
public sealed record FileEdit(EditKind Kind, string Path, string NewPath, ImmutableArray<Hunk> Hunks,
    bool? Executable = null);

/// <summary>A run of lines to find and what stands there afterwards.</summary>
/// <param name="Line">Where the hunk says it begins, from 1; null where the format does not say.</param>
/// <param name="Parts">Context, removed and added lines in order, without their line feeds.</param>
/// <param name="EndOld">What a diff says about the last old line's line feed.</param>
/// <param name="EndNew">What a diff says about the last new line's line feed.</param>
public sealed record Hunk(int? Line, ImmutableArray<HunkLine> Parts, LineEnd EndOld = LineEnd.Unsaid,
    LineEnd EndNew = LineEnd.Unsaid)
{
    public ImmutableArray<string> Old { get; } =
        [.. Parts.Where(p => p.Kind != HunkLineKind.Added).Select(p => p.Text)];
}

public enum HunkLineKind
{
    Context,
    Removed,
    Added,
}

public readonly record struct HunkLine(HunkLineKind Kind, string Text);

/// <summary>Whether the file's last line ends in a line feed, as far as a hunk says.</summary>
public enum LineEnd
{
    Unsaid,
    Missing,
}

/// <summary>The edits of a whole patch, or what is wrong with its text.</summary>
public sealed record ParsedPatch(ImmutableArray<FileEdit> Edits, AegisError? Error)
{
    public static ParsedPatch Wrong(int line, string what, string mend) => new([],
        new AegisError("AEGIS2120", $"the patch cannot be read: line {line}: {what}", Mend: mend));
}
