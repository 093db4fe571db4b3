namespace Aegis.Core.Artifacts;

/// <summary>What bounds an artifact.</summary>
public static class ArtifactLimits
{
    /// <summary>The front matter with its two lines of dashes.</summary>
    public const int HeaderBytesMax = 32 * 1024;

    /// <summary>A document (.md) as it is stored, front matter and body.</summary>
    public const int DocumentBytesMax = 4 * 1024 * 1024;

    /// <summary>Any other file.</summary>
    public const long FileBytesMax = 256L * 1024 * 1024;

    public const int LinksMax = 100;
    public const int LinkRefCharsMax = 512;

    /// <summary>Members of a front matter that are the author's own.</summary>
    public const int ExtraMax = 50;

    public const int PathCharsMax = 1024;
    public const int MediaTypeCharsMax = 128;
}
