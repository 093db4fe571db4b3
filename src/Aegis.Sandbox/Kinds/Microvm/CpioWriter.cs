using System.Globalization;
using System.Text;

namespace Aegis.Sandbox.Kinds.Microvm;

/// <summary>Writes the archive that a kernel unpacks into its first file system ("newc").</summary>
internal sealed class CpioWriter(Stream to)
{
    private const int FolderMode = 0x41ED;
    private const int ProgramMode = 0x81ED;
    private int made;

    public void Folder(string path) => Entry(path, FolderMode, []);

    public void Program(string path, ReadOnlySpan<byte> content) => Entry(path, ProgramMode, content);

    public void End() => Entry("TRAILER!!!", 0, []);

    private void Entry(string path, int mode, ReadOnlySpan<byte> content)
    {
        var name = Encoding.UTF8.GetBytes(path + "\0");
        // inode, mode, uid, gid, links, mtime, size, device ×4, length of the name, checksum
        int[] fields = [made++, mode, 0, 0, 1, 0, content.Length, 0, 0, 0, 0, name.Length, 0];
        var head = "070701" + string.Concat(fields.Select(f => f.ToString("x8",
            CultureInfo.InvariantCulture)));
        to.Write(Encoding.ASCII.GetBytes(head));
        to.Write(name);
        Pad(head.Length + name.Length);
        to.Write(content);
        Pad(content.Length);
    }

    private void Pad(int written) => to.Write(new byte[-written & 3]);
}
