using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;

namespace Aegis.Sandbox;

/// <param name="Path">Below the workspace, with slashes.</param>
/// <param name="Now">What it holds.</param>
/// <param name="Before">What it held when the attempt began; null for a new one.</param>
public sealed record WrittenFile(string Path, byte[] Now, byte[]? Before);

/// <param name="Files">That are read.</param>
/// <param name="FileBytes">Of a file; a larger one is left out.</param>
/// <param name="Bytes">Of all of them, as they are and as they were; what does not fit is left out.</param>
public sealed record WrittenLimits(int Files, int FileBytes, int Bytes);

/// <summary>Reads what commands of an open attempt have written, from its upper layer. Names are read as the
/// kernel has them, links are not followed.</summary>
internal sealed class UpperReading(UserNamespace room, AttemptWorkspace workspace)
{
    /// <summary>Bytes of the names of all files that were written; those behind are left out.</summary>
    public const int NamesBytesMax = 4 * 1024 * 1024;

    // one process for all files: how long it is, or -1 for none, and the bytes
    private const string ReadScript = """
        my ($upper, $max, $left, @lower) = @ARGV;
        local $/ = "\0";
        my @paths = <STDIN>;
        chomp @paths;
        $/ = undef;
        sub content {
          my ($path, @folders) = @_;
          for my $folder (@folders) {
            my $file = "$folder/$path";
            next unless -l $file or -e _;
            return if -l _ or !-f _ or -s _ > $max;
            open(my $in, "<:raw", $file) or return;
            return scalar <$in>;
          }
          return;
        }
        binmode STDOUT;
        for my $path (@paths) {
          my @it = (scalar content($path, $upper), scalar content($path, @lower));
          my $bytes = 0;
          $bytes += length($_ // "") for @it;
          if ($bytes > $left) { @it = (undef, undef) } else { $left -= $bytes }
          print defined $_ ? pack("l>", length $_) . $_ : pack("l>", -1) for @it;
        }
        """;

    // what others wrote is no code of whoever ran the command
    private const string ListScript = """
        cd "$1" && find . -mindepth 1 \( -name .git -o -name node_modules -o -name .venv -o -name venv \
          -o -name __pycache__ -o -name target -o -name obj \) -prune -o -type f -printf '%P\0' 2>/dev/null \
          | head -c "$2"
        """;

    public async Task<ImmutableArray<WrittenFile>> ReadAsync(
        Func<string, bool> wanted, WrittenLimits limits, CancellationToken cancel)
    {
        using var list = new MemoryStream();
        await room.RunAsync(
            ListScript, [workspace.UpperDirectory, Number(NamesBytesMax)], null, list, cancel);
        // what stands behind the last end of a name was cut
        ImmutableArray<string> paths = [.. Encoding.UTF8.GetString(list.GetBuffer(), 0, (int)list.Length)
            .Split('\0')[..^1].Where(wanted).Order(StringComparer.Ordinal).Take(limits.Files)];
        if (paths.IsEmpty)
        {
            return [];
        }
        using var names = new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\0', paths) + '\0'));
        using var bytes = new MemoryStream();
        await room.RunAsync("script=$1; shift; exec perl -e \"$script\" -- \"$@\"",
            [
                ReadScript, workspace.UpperDirectory, Number(limits.FileBytes), Number(limits.Bytes),
                .. workspace.LowerDirectories.Reverse(),
            ], names, bytes, cancel);
        return Files(paths, bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }

    private static ImmutableArray<WrittenFile> Files(ImmutableArray<string> paths, ReadOnlySpan<byte> bytes)
    {
        var files = ImmutableArray.CreateBuilder<WrittenFile>();
        foreach (var path in paths)
        {
            var now = Next(ref bytes);
            var before = Next(ref bytes);
            if (now is not null)
            {
                files.Add(new WrittenFile(path, now, before));
            }
        }
        return files.ToImmutable();
    }

    private static string Number(int value) =>
        value.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static byte[]? Next(ref ReadOnlySpan<byte> bytes)
    {
        var length = BinaryPrimitives.ReadInt32BigEndian(bytes);
        bytes = bytes[4..];
        if (length < 0)
        {
            return null;
        }
        var content = bytes[..length].ToArray();
        bytes = bytes[length..];
        return content;
    }
}
