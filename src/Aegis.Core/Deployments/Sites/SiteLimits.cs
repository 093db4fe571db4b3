namespace Aegis.Core.Deployments.Sites;

/// <summary>What bounds a site in a bucket.</summary>
public static class SiteLimits
{
    /// <summary>Files of one release.</summary>
    public const int FilesMax = 10_000;

    /// <summary>Bytes of one file.</summary>
    public const long FileBytesMax = 256L << 20;

    /// <summary>Bytes of an object's key, the prefix included, as S3 has it.</summary>
    public const int KeyBytesMax = 1_024;

    public const int PrefixCharsMax = 200;

    /// <summary>Objects below the prefix that are looked at.</summary>
    public const int ObjectsMax = 100_000;

    /// <summary>Bytes of what a release says of its files.</summary>
    public const int ManifestBytesMax = 8 << 20;
}
