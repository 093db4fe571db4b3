using Aegis.Core.Errors;
using Aegis.Core.Profiles;

namespace Aegis.Gate.Policies;

/// <summary>A file of the installation, read again when it has changed. One that cannot be read any more
/// changes nothing and is told of once: what was read last stays.</summary>
public sealed class WatchedFile<T>
    where T : class
{
    private readonly string? path;
    private readonly long bytesMax;
    private readonly Func<string, string, ParseResult<T>> parse;
    private readonly Action<string> kept;
    private readonly Lock gate = new();
    private T current;
    private (DateTime At, long Bytes) seen;

    /// <param name="path">Null for what the release ships.</param>
    /// <param name="shipped">What counts without a file.</param>
    /// <param name="parse">Of the text and the file's name.</param>
    /// <param name="refused">The error of a start with a file that cannot be read.</param>
    /// <param name="kept">Told of a change that cannot be read.</param>
    public WatchedFile(string? path, T shipped, long bytesMax, Func<string, string, ParseResult<T>> parse,
        Func<string, AegisError> refused, Action<string> kept)
    {
        (this.path, this.bytesMax, this.parse, this.kept, current) = (path, bytesMax, parse, kept, shipped);
        if (path is not null)
        {
            seen = Stamp(path);
            current = Read(path) is ({ } read, _) ? read
                : throw new AegisException(refused(Read(path).Errors));
        }
    }

    public T Current()
    {
        if (path is null)
        {
            return current;
        }
        lock (gate)
        {
            var now = Stamp(path);
            if (now != seen)
            {
                seen = now;
                var (read, errors) = Read(path);
                if (read is null)
                {
                    kept(errors);
                }
                current = read ?? current;
            }
            return current;
        }
    }

    private static (DateTime, long) Stamp(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
    }

    private (T? Value, string Errors) Read(string path)
    {
        var name = Path.GetFileName(path);
        try
        {
            if (new FileInfo(path).Length > bytesMax)
            {
                return (null, $"{name} is too large");
            }
            var read = parse(File.ReadAllText(path), name);
            return (read.Value, string.Join('\n', read.Errors));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, $"{name} cannot be opened: {e.GetType().Name}");
        }
    }
}
