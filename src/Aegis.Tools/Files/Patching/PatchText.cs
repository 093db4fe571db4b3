using System.Collections.Immutable;

namespace Aegis.Tools.Files.Patching;

/// <summary>Tells the formats apart and parses them: a unified diff, or blocks (search/replace, whole
/// files).</summary>
public static class PatchText
{
    public const int BytesMax = 1 << 20;
    public const int FilesMax = 200;
    public const int HunksMax = 5_000;

    public static ParsedPatch Parse(string text)
    {
        var parsed = EditBlocks.IsIn(text) ? EditBlocks.Parse(text) : UnifiedDiff.Parse(text);
        if (parsed.Error is not null)
        {
            return parsed;
        }
        if (parsed.Edits.IsEmpty)
        {
            return ParsedPatch.Wrong(1, "no change in it",
                "send a unified diff (---, +++, @@), search/replace blocks or whole files");
        }
        if (parsed.Edits.Length > FilesMax || parsed.Edits.Sum(e => e.Hunks.Length) > HunksMax)
        {
            return ParsedPatch.Wrong(1, $"more than {FilesMax} files or {HunksMax} hunks", "split the patch");
        }
        return parsed;
    }

    /// <summary>Lines without their line feeds; a carriage return stays part of its line.</summary>
    internal static ImmutableArray<string> Lines(string text)
    {
        var lines = text.Split('\n');
        return text.EndsWith('\n') ? [.. lines[..^1]] : [.. lines];
    }
}
