using System.Text;
using Aegis.Blobs;

namespace Aegis.Ledger.Embedded;

/// <summary>A private directory whose path is short enough for a Unix socket. The home's own is best: nobody
/// else can have made it. A long home falls back to a directory made fresh (mkdtemp), remembered in the home
/// so that the next start removes or reuses it.</summary>
internal static class SocketDirectory
{
    private const int PathBytesMax = 107;
    private const string SocketName = "/.s.PGSQL.5432";

    public static string Prepare(LedgerOptions options)
    {
        if (options.RuntimeDirectory is { } wanted)
        {
            Directory.CreateDirectory(wanted, DurableFile.OwnerOnlyDirectory);
            return Fits(wanted) ? Private(wanted) : throw LedgerErrors.SocketPathTooLong(Length(wanted));
        }
        var own = Path.Combine(Path.GetFullPath(options.HomeDirectory), "run");
        if (Fits(own))
        {
            Directory.CreateDirectory(own, DurableFile.OwnerOnlyDirectory);
            return Private(own);
        }
        return Remembered(Path.Combine(options.HomeDirectory, "run.path"));
    }

    private static string Remembered(string file)
    {
        if (File.Exists(file) && File.ReadAllText(file) is var earlier && Directory.Exists(earlier))
        {
            return Private(earlier);
        }
        var runtime = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR");
        var fresh = Directory.Exists(runtime)
            ? Directory.CreateDirectory(Path.Combine(runtime, $"aegis-{Path.GetRandomFileName()}")).FullName
            : Directory.CreateTempSubdirectory("aegis-").FullName;
        if (!Fits(fresh))
        {
            Directory.Delete(fresh);
            throw LedgerErrors.SocketPathTooLong(Length(fresh));
        }
        DurableFile.Write(file, Encoding.UTF8.GetBytes(fresh));
        return Private(fresh);
    }

    // chmod fails on what another user owns, and a link could point anywhere: both are refused
    private static string Private(string directory)
    {
        if (new DirectoryInfo(directory).LinkTarget is not null)
        {
            throw new IOException($"{directory} is a link");
        }
        File.SetUnixFileMode(directory, DurableFile.OwnerOnlyDirectory);
        return directory;
    }

    private static bool Fits(string directory) => Length(directory) <= PathBytesMax;

    private static int Length(string directory) => Encoding.UTF8.GetByteCount(directory + SocketName);
}
