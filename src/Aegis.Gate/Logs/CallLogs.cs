using Aegis.Core.Runs;
using System.Collections.Concurrent;
using System.Globalization;
using Aegis.Gate.Redaction;

namespace Aegis.Gate.Logs;

/// <summary>All logs of a node: <c>root/spool/RUN/STEP.ATTEMPT.log</c> while a call runs, then by hash in the
/// archive, with a small file beside the spool that remembers which hash.</summary>
public sealed class CallLogs
{
    /// <summary>The longest log that is kept, 4 GiB.</summary>
    public const long BytesMaxDefault = 4L << 30;

    private readonly string _spool;
    private readonly LogArchive _archive;
    private readonly ConcurrentDictionary<LogKey, CallLog> _live = new();
    private readonly Lock _opening = new();
    private readonly long _bytesMax;

    public CallLogs(string root, LogArchive? archive = null, long bytesMax = BytesMaxDefault)
    {
        _spool = Path.Combine(root, "spool");
        _archive = archive ?? new LogArchive(Path.Combine(root, "blobs"));
        _bytesMax = bytesMax;
        Reader = new LogReader(this, _archive);
    }

    public LogReader Reader { get; }

    /// <summary>Opens a call's log; one that a killed process left unfinished goes on at its end.</summary>
    public CallLog Open(LogKey key, Redactor redactor)
    {
        var path = key.FileUnder(_spool, ".log");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        lock (_opening)
        {
            if (_live.ContainsKey(key))
            {
                throw new InvalidOperationException($"the log of {key} is open already");
            }
            var log = new CallLog(key, path, redactor, _bytesMax, Ended);
            File.Delete(key.FileUnder(_spool, ".ref"));
            _live[key] = log;
            return log;
        }
    }

    /// <summary>The log while its call runs. Whoever has opened its file before asks in the turn of those
    /// that open one: a file that is there before its log would be taken for a whole one.</summary>
    internal CallLog? Live(LogKey key)
    {
        lock (_opening)
        {
            return _live.GetValueOrDefault(key);
        }
    }

    internal string SpoolPath(LogKey key) => key.FileUnder(_spool, ".log");

    internal LogRef? Finished(LogKey key)
    {
        var path = key.FileUnder(_spool, ".ref");
        if (!File.Exists(path))
        {
            return null;
        }
        var parts = File.ReadAllText(path).Split(' ');
        return parts.Length == 3
            ? new LogRef(parts[0], long.Parse(parts[1], CultureInfo.InvariantCulture),
                int.Parse(parts[2], CultureInfo.InvariantCulture))
            : null;
    }

    private void Ended(CallLog log, LogRef? done, bool durable)
    {
        if (done is not null)
        {
            var path = log.Key.FileUnder(_spool, ".ref");
            File.WriteAllText(path + ".tmp", string.Create(CultureInfo.InvariantCulture,
                $"{done.Hash} {done.Bytes} {done.RedactionVersion}"));
            File.Move(path + ".tmp", path, overwrite: true);
            _archive.Take(log.SpoolPath, done.Hash, durable);
        }
        _live.TryRemove(new KeyValuePair<LogKey, CallLog>(log.Key, log));
    }
}
