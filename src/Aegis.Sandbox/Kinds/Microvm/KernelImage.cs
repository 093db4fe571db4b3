using System.Buffers.Binary;
using System.IO.Compression;

namespace Aegis.Sandbox.Kinds.Microvm;

/// <summary>Takes the kernel itself out of a packed one (<c>vmlinuz</c>). QEMU starts an unpacked one at once
/// by its PVH entry; an emulated processor would need a second or more to unpack it.</summary>
internal static class KernelImage
{
    /// <summary>Debian's cloud kernel has 53 MB.</summary>
    public const int BytesMax = 512 << 20;

    private const int SetupSectors = 0x1F1;
    private const int Magic = 0x202;
    private const int PayloadOffset = 0x248;
    private const int PayloadLength = 0x24C;

    public static byte[] Unpack(ReadOnlySpan<byte> packed, int bytesMax = BytesMax)
    {
        if (packed.Length < 1024 || !packed[Magic..].StartsWith("HdrS"u8))
        {
            throw Refused("no x86 boot image");
        }
        var setup = packed[SetupSectors] == 0 ? 4 : packed[SetupSectors];
        var from = ((setup + 1) * 512L) + BinaryPrimitives.ReadUInt32LittleEndian(packed[PayloadOffset..]);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(packed[PayloadLength..]);
        if (from + length > packed.Length)
        {
            throw Refused("its payload is outside the file");
        }
        var kernel = Whole(packed.Slice((int)from, (int)length), bytesMax);
        return kernel.AsSpan().StartsWith("\u007fELF"u8) ? kernel : throw Refused("no ELF inside");
    }

    private static byte[] Whole(ReadOnlySpan<byte> payload, int bytesMax)
    {
        try
        {
            return Expand(payload, bytesMax);
        }
        catch (InvalidDataException broken)
        {
            throw Refused(broken.Message);
        }
    }

    private static byte[] Expand(ReadOnlySpan<byte> payload, int bytesMax) => payload switch
    {
        [0x02, 0x21, 0x4C, 0x18, ..] => LegacyLz4.Expand(payload, bytesMax),
        [0x1F, 0x8B, ..] => Gunzip(payload, bytesMax),
        [0xFD, (byte)'7', (byte)'z', ..] => throw Refused("xz: unpack it with extract-vmlinux first"),
        [0x28, 0xB5, 0x2F, 0xFD, ..] => throw Refused("zstd: unpack it with extract-vmlinux first"),
        [0x7F, (byte)'E', (byte)'L', (byte)'F', ..] => payload.ToArray(),
        _ => throw Refused("an unknown packing"),
    };

    private static byte[] Gunzip(ReadOnlySpan<byte> payload, int bytesMax)
    {
        using var from = new GZipStream(new MemoryStream(payload.ToArray()), CompressionMode.Decompress);
        using var to = new MemoryStream();
        var buffer = new byte[1 << 20];
        int read;
        while ((read = from.Read(buffer)) > 0)
        {
            if (to.Length + read > bytesMax)
            {
                throw Refused($"more than {bytesMax} bytes");
            }
            to.Write(buffer, 0, read);
        }
        return to.ToArray();
    }

    private static Exception Refused(string got) => KindErrors.NotPrepared("kernel",
        "a packed x86 kernel (lz4 or gzip), or an unpacked one as vmlinux", got,
        "Use Debian's linux-image-cloud-amd64, or put an unpacked vmlinux into the folder");
}
