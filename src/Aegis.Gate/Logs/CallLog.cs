using Aegis.Core.Runs;
using System.Security.Cryptography;
using System.Text;
using Aegis.Gate.Redaction;
using Aegis.Sandbox;
using Microsoft.Win32.SafeHandles;

namespace Aegis.Gate.Logs;

// The writer is a process's output pump. Bytes are redacted, then appended to a spool file by position;
// readers follow that file. Disk is the only buffer, so the size of an output never shows in memory, and a
// slow disk slows the command instead of filling a queue. Each channel has a redaction of its own: mixed into
// one, a secret printed on stdout could be cut in two by a line of stderr.

/// <summary>The log of one call while it runs. Thread safe. What a channel holds back as the possible
/// beginning of a secret appears with its next bytes or at the end.</summary>
public sealed class CallLog : IAsyncDisposable
{
    private const int BatchBytes = 64 * 1024;
    private readonly Lock _gate = new();
    private Redactor _redactor;
    private RedactingWriter[] _channels;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly SafeFileHandle _file;
    private readonly Action<CallLog, LogRef?, bool> _ended;
    private readonly long _bytesMax;
    private int _redactionVersion;
    private readonly byte[] _batch = new byte[BatchBytes];
    private int _batched;
    private long _length;
    private bool _cut;
    private bool _hasOutput;
    private LogRef? _ref;
    private bool _closed;

    internal CallLog(LogKey key, string path, Redactor redactor, long bytesMax,
        Action<CallLog, LogRef?, bool> ended)
    {
        (Key, SpoolPath, _redactor, _bytesMax, _ended) = (key, path, redactor, bytesMax, ended);
        _redactionVersion = ReferenceEquals(redactor, Redactor.None) ? 0 : Redactor.Version;
        _file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite,
            FileShare.ReadWrite | FileShare.Delete);
        _length = HashExisting();
        _channels = [new(redactor, Append), new(redactor, Append)];
    }

    public LogKey Key { get; }

    /// <summary>Bytes that readers can see.</summary>
    public long Length => Volatile.Read(ref _length);

    internal string SpoolPath { get; }

    internal LogSignal Changed { get; } = new();

    /// <summary>True when no more bytes will come.</summary>
    internal bool Ended => Volatile.Read(ref _closed);

    /// <summary>Appends output of a command. Beyond the limit of a log the rest is dropped, and the log says
    /// so.</summary>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, OutputChannel channel = OutputChannel.Stdout)
    {
        Write(bytes.Span, channel);
        return ValueTask.CompletedTask;
    }

    public void Write(ReadOnlySpan<byte> bytes, OutputChannel channel = OutputChannel.Stdout)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            _hasOutput = true;
            _channels[(int)channel].Write(bytes);
            Spool();
        }
        Changed.Pulse();
    }

    /// <summary>Adds a line of the tool's own, redacted on its own.</summary>
    public void WriteLine(string text)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            Append(Encoding.UTF8.GetBytes(_redactor.Redact(text) + "\n"));
            Spool();
        }
        Changed.Pulse();
    }

    /// <summary>Masks more from here on: the call has asked for a secret after its log was opened.</summary>
    internal void Mask(Redactor redactor)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            Array.ForEach(_channels, channel => channel.Flush());
            (_redactor, _redactionVersion) = (redactor, Redactor.Version);
            _channels = [new(redactor, Append), new(redactor, Append)];
            Spool();
        }
    }

    /// <summary>Ends the log, makes it durable and hands it to the archive. A second call returns the
    /// same.</summary>
    /// <param name="repeatsFacts">What the tool itself said stands in the ledger too: without a command's
    /// output the log need not wait for the disk.</param>
    public ValueTask<LogRef> CompleteAsync(bool repeatsFacts = false)
    {
        lock (_gate)
        {
            if (_ref is null)
            {
                ObjectDisposedException.ThrowIf(_closed, this);
                Array.ForEach(_channels, channel => channel.Flush());
                Spool();
                var durable = _hasOutput || !repeatsFacts;
                if (durable)
                {
                    RandomAccess.FlushToDisk(_file);
                }
                _ref = new LogRef(Convert.ToHexStringLower(_hash.GetHashAndReset()), _length,
                    _redactionVersion);
                Close(_ref, durable);
            }
        }
        Changed.Pulse();
        return ValueTask.FromResult(_ref);
    }

    /// <summary>Ends a log that was not completed: its spool stays for whoever recovers the call.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (!_closed)
            {
                Array.ForEach(_channels, channel => channel.Flush());
                Spool();
                Close(null, false);
            }
        }
        Changed.Pulse();
        return ValueTask.CompletedTask;
    }

    // The archive has the file before readers are told of the end, so nobody finds it in neither place.
    private void Close(LogRef? done, bool durable)
    {
        _file.Dispose();
        _hash.Dispose();
        _ended(this, done, durable);
        Volatile.Write(ref _closed, true);
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (_cut)
        {
            return;
        }
        var room = Math.Max(0, _bytesMax - _length - _batched);
        _cut = bytes.Length > room;
        Batch(_cut ? bytes[..(int)room] : bytes);
        if (_cut)
        {
            Batch(Encoding.UTF8.GetBytes($"\n[log cut: longer than {_bytesMax} bytes]\n"));
        }
    }

    // A log full of masks comes in tiny pieces: one write to the file for each chunk of the command, not for
    // each.
    private void Batch(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            if (_batched == BatchBytes)
            {
                Spool();
            }
            var part = bytes[..Math.Min(bytes.Length, BatchBytes - _batched)];
            part.CopyTo(_batch.AsSpan(_batched));
            _batched += part.Length;
            bytes = bytes[part.Length..];
        }
    }

    private void Spool()
    {
        var bytes = _batch.AsSpan(0, _batched);
        RandomAccess.Write(_file, bytes, _length);
        _hash.AppendData(bytes);
        Volatile.Write(ref _length, _length + _batched);
        _batched = 0;
    }

    // A recovered call goes on in the spool of the one that was killed: offsets given out stay true.
    private long HashExisting()
    {
        var buffer = new byte[64 * 1024];
        long at = 0;
        for (int read; (read = RandomAccess.Read(_file, buffer, at)) > 0; at += read)
        {
            _hash.AppendData(buffer.AsSpan(0, read));
        }
        return at;
    }
}
