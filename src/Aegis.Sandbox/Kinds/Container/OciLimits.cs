namespace Aegis.Sandbox;

/// <summary>What an image may be made of.</summary>
public static class OciLimits
{
    public const int LayersMax = 128;

    /// <summary>Of an index, a manifest or a configuration.</summary>
    public const int DocumentBytesMax = 4 << 20;

    /// <summary>Files and folders of all layers together.</summary>
    public const int EntriesMax = 1_000_000;

    /// <summary>Bytes of all layers together, unpacked.</summary>
    public const long UnpackedBytesMax = 16L << 30;

    /// <summary>Below the image's root, whose own path counts towards the kernel's 4,096 too.</summary>
    public const int PathBytesMax = 3_072;

    public const int PathDepthMax = 128;
    public const int LinkBytesMax = 4_095;
}

/// <summary>What all layers of one image may come to.</summary>
/// <param name="Bytes">Of their files.</param>
/// <param name="Archive">Of one layer as an archive, packed and unpacked.</param>
internal sealed record UnpackLimits(int Entries = OciLimits.EntriesMax,
    long Bytes = OciLimits.UnpackedBytesMax, long Archive = OciLimits.UnpackedBytesMax);
