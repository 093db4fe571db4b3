using System.Collections.Concurrent;
using System.Text;
using Aegis.Core;
using Aegis.Core.Rehearsals;
using Aegis.Models.Rehearsals;
using Microsoft.Extensions.Logging;

namespace Aegis.Gate.Models;

/// <summary>
/// The conversations with models that profiles have recorded, each an artifact of its project. A turn is
/// written behind the call that made it, which does not wait; turns that end while a version is written come
/// with the next one. Rejected: a version for each turn, which would write a long conversation as often as it
/// has turns. A node that dies loses the turns of the last moment.
/// </summary>
public sealed class RecordingShelf(Func<IArtifactShelf?> artifacts, ILogger log) : IAsyncDisposable
{
    /// <summary>Recordings kept in memory.</summary>
    public const int KeptMax = 256;

    private readonly ConcurrentDictionary<(Tenancy, string), Lazy<Task<Kept>>> kept = new();

    /// <summary>The artifact of a recording.</summary>
    public static string IdOf(string name) => $"rehearsal-{name}";

    /// <summary>The recording of that name, gone on with where there is one already; null before the engine
    /// has started.</summary>
    public async ValueTask<Recording?> OpenAsync(Principal by, string name, CancellationToken cancel)
    {
        if (artifacts() is not { } shelf)
        {
            return null;
        }
        if (kept.Count >= KeptMax && !kept.ContainsKey((by.Tenancy, name)))
        {
            await ClearAsync();
        }
        var slot = kept.GetOrAdd((by.Tenancy, name), _ => new(() => LoadAsync(shelf, by, name)));
        try
        {
            return (await slot.Value.WaitAsync(cancel)).Recording;
        }
        catch when (slot.Value.IsFaulted)
        {
            kept.TryRemove(KeyValuePair.Create((by.Tenancy, name), slot));
            throw;
        }
    }

    /// <summary>Waits until everything is written.</summary>
    public ValueTask DisposeAsync() => ClearAsync();

    private async ValueTask ClearAsync()
    {
        foreach (var (key, slot) in kept)
        {
            if (kept.TryRemove(KeyValuePair.Create(key, slot)) && slot.Value.IsCompletedSuccessfully)
            {
                await slot.Value.Result.WrittenAsync();
            }
        }
    }

    private async Task<Kept> LoadAsync(IArtifactShelf shelf, Principal by, string name)
    {
        var there = await shelf.OpenAsync(by.Tenancy, IdOf(name), null, CancellationToken.None);
        var recording = there is not null && await ReadAsync(there) is { } file ? Recording.Resume(file)
            : new Recording();
        var slot = new Kept(shelf, by, name, recording, log);
        recording.Added += slot.Changed;
        return slot;
    }

    // what somebody put there that is no rehearsal stays as an older version
    private static async Task<RehearsalFile?> ReadAsync(ArtifactContent content)
    {
        await using var bytes = content.Bytes;
        if (content.Version.Bytes > RehearsalFile.CharsMax * 4L)
        {
            return null;
        }
        using var text = new StreamReader(bytes, Encoding.UTF8);
        return RehearsalFile.Parse(await text.ReadToEndAsync(), content.Version.ArtifactId).Value;
    }

    private sealed class Kept(IArtifactShelf shelf, Principal by, string name, Recording recording,
        ILogger log)
    {
        private readonly Lock gate = new();
        private Task writing = Task.CompletedTask;
        private bool isWriting;
        private bool isAgain;

        public Recording Recording => recording;

        public void Changed()
        {
            lock (gate)
            {
                isAgain = true;
                if (!isWriting)
                {
                    isWriting = true;
                    writing = Task.Run(WriteAsync);
                }
            }
        }

        public Task WrittenAsync()
        {
            lock (gate)
            {
                return writing;
            }
        }

        private async Task WriteAsync()
        {
            while (IsChanged())
            {
                try
                {
                    using var content = new MemoryStream(Encoding.UTF8.GetBytes(recording.ToYaml()));
                    await shelf.PutAsync(by, new ArtifactPut(IdOf(name), $"rehearsals/{name}.yaml", content),
                        CancellationToken.None);
                }
                catch (Exception e)
                {
                    // the next turn brings all of them again
                    GateLog.RecordingNotWritten(log, name, e.Message);
                }
            }
        }

        private bool IsChanged()
        {
            lock (gate)
            {
                (isWriting, isAgain) = (isAgain, false);
                return isWriting;
            }
        }
    }
}
