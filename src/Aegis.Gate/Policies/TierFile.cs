using Aegis.Core.Errors;
using Aegis.Core.Policy.Tiers;
using Microsoft.Extensions.Logging;

namespace Aegis.Gate.Policies;

/// <summary>The installation's <c>allowlist.json</c>, read again when the file has changed. One that cannot
/// be read any more changes nothing and is told of once: the last good list stays.</summary>
public sealed class TierFile
{
    private readonly string? path;
    private readonly ILogger log;
    private readonly Lock gate = new();
    private TierBook book;
    private (DateTime At, long Bytes) seen;

    /// <summary>Reads it; AEGIS2512 with every error where it cannot be read.</summary>
    /// <param name="path">Null for the list that this release ships.</param>
    public TierFile(string? path, ILogger log)
    {
        (this.path, this.log, book) = (path, log, TierBook.BuiltIn);
        if (path is not null)
        {
            seen = Stamp(path);
            book = Read(path) is var (read, errors) && read is not null ? read
                : throw new AegisException(new AegisError("AEGIS2512", errors,
                    "a map from a tier's name to its commands", null, "see docs/policy.md"));
        }
    }

    public TierBook Current()
    {
        if (path is null)
        {
            return book;
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
                    GateLog.TiersKept(log, errors);
                }
                book = read ?? book;
            }
            return book;
        }
    }

    private static (DateTime, long) Stamp(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
    }

    private static (TierBook? Book, string Errors) Read(string path)
    {
        var name = Path.GetFileName(path);
        try
        {
            if (new FileInfo(path).Length > TierBookParser.CharsMax * 4L)
            {
                return (null, $"{name} is too large");
            }
            var read = TierBookParser.Parse(File.ReadAllText(path), name);
            return (read.Value, string.Join('\n', read.Errors));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, $"{name} cannot be opened: {e.GetType().Name}");
        }
    }
}
