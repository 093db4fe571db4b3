using System.Globalization;
using System.Text;

namespace Aegis.Sandbox.Kinds.Microvm;

/// <summary>What the guest is asked to do, as a small shell script on a disk of its own: so neither
/// arguments nor variables show in a command line, of QEMU's or of the guest's kernel.</summary>
internal static class GuestRequest
{
    private const int SectorBytes = 512;

    public static byte[] Write(SandboxSpec spec, SandboxOptions options)
    {
        var limits = spec.Limits;
        var cpu = (long)Math.Ceiling(limits.CpuTimeMax.TotalSeconds);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"tmp={limits.TmpBytesMax} inodes={options.TmpInodesMax}\n");
        text.Append(CultureInfo.InvariantCulture, $"processes={limits.ProcessesMax} cpu={cpu}\n");
        text.Append(CultureInfo.InvariantCulture,
            $"file={Blocks(limits.WorkspaceBytesMax)}\n");
        text.Append(CultureInfo.InvariantCulture, $"back={(spec.Workspace is null ? 0 : 1)}\n");
        text.Append(CultureInfo.InvariantCulture,
            $"card={(spec.Network is null ? "" : GuestCard.Own)}\n");
        text.Append("each_mount() {\n:\n");
        for (var i = 0; i < spec.Mounts.Length; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"\"$@\" {i} {Quote(spec.Mounts[i].InsidePath)}\n");
        }
        text.Append("}\nvariables() {\n");
        foreach (var (name, value) in Variables(spec, options))
        {
            text.Append(CultureInfo.InvariantCulture, $"export {name}={Quote(value)}\n");
        }
        text.Append("}\nset -- ").AppendJoin(' ', spec.Argv.Prepend(spec.WorkingDirectory).Select(Quote));
        text.Append('\n');
        var bytes = Encoding.UTF8.GetBytes(text.ToString());
        var padded = new byte[(bytes.Length + SectorBytes - 1) / SectorBytes * SectorBytes];
        padded.AsSpan().Fill((byte)'\n');
        bytes.CopyTo(padded, 0);
        return padded;
    }

    private static IEnumerable<KeyValuePair<string, string>> Variables(
        SandboxSpec spec, SandboxOptions options) => new Dictionary<string, string>
        {
            ["PATH"] = options.InsidePath,
            ["HOME"] = "/tmp/home",
            ["LANG"] = "C.UTF-8",
            ["TERM"] = "dumb",
        }.Concat(spec.Network?.Environment(GuestCard.Proxy) ?? []).Concat(spec.Env);

    private static string Blocks(long? bytes) =>
        bytes is { } most ? (most / SectorBytes).ToString(CultureInfo.InvariantCulture) : "unlimited";

    private static string Quote(string text) =>
        $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
