using System.Text;
using Aegis.Core.Deployments;

namespace Aegis.Engine.Deployments;

/// <summary>What a deployment's programs write, redacted, as lines with time and service. Two files take
/// turns, so that at most <see cref="DeploymentLimits.LogBytesMax"/> are kept.</summary>
public sealed class DeploymentLog(string folder, TimeProvider time)
{
    /// <summary>One read.</summary>
    public const int ReadBytesMax = 256 * 1024;

    private const int LineCharsMax = 4_096;
    private readonly Lock gate = new();

    private string Newest => Path.Combine(folder, "log");

    private string Older => Path.Combine(folder, "log.1");

    public void Add(string service, string line)
    {
        var cut = line.Length > LineCharsMax ? line[..LineCharsMax] : line;
        var text = $"{time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ} {service} {cut}\n";
        lock (gate)
        {
            try
            {
                Directory.CreateDirectory(folder);
                if (File.Exists(Newest) && new FileInfo(Newest).Length + Encoding.UTF8.GetByteCount(text)
                    > DeploymentLimits.LogBytesMax / 2)
                {
                    File.Move(Newest, Older, overwrite: true);
                }
                File.AppendAllText(Newest, text);
            }
            catch (IOException)
            {
                // a full disk ends the log, not the program
            }
        }
    }

    /// <summary>The last so many bytes, from the beginning of a line.</summary>
    public string Tail(int bytesMax)
    {
        lock (gate)
        {
            var all = string.Concat(new[] { Older, Newest }.Where(File.Exists).Select(Read));
            var bytes = Encoding.UTF8.GetBytes(all);
            if (bytes.Length <= bytesMax)
            {
                return all;
            }
            // the byte before tells whether a line begins there
            var cut = bytes.AsSpan(bytes.Length - bytesMax - 1);
            return Encoding.UTF8.GetString(cut[(cut.IndexOf((byte)'\n') + 1)..]);
        }
    }

    private static string Read(string path)
    {
        using var file = File.OpenRead(path);
        var from = Math.Max(0, file.Length - ReadBytesMax);
        // the byte before tells whether a line begins there
        file.Position = Math.Max(0, from - 1);
        using var reader = new StreamReader(file);
        if (from > 0)
        {
            reader.ReadLine();
        }
        return reader.ReadToEnd();
    }
}
