using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text;
using Aegis.Core;
using Aegis.Core.Artifacts;
using Aegis.Core.Rehearsals;
using Aegis.Gate.Models;
using Aegis.Models.Rehearsals;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aegis.Gate.Tests.Models;

/// <summary>Recordings become artifacts behind the calls that made them.</summary>
public sealed class RecordingShelfTests
{
    private static readonly Principal Ann = new("key:ann", new Tenancy("acme", "web"), ["admin:*"]);
    private readonly Shelf artifacts = new();

    [Fact]
    public async Task Turns_OfAName_AreWrittenAndGoneOnWith()
    {
        await using (var shelf = Open())
        {
            Add(await OpenAsync(shelf, "talk"), "one");
            Add(await OpenAsync(shelf, "talk"), "two");
            Add(await OpenAsync(shelf, "other"), "three");
        }
        Assert.Equal(["one", "two"], artifacts.Said("rehearsal-talk"));
        Assert.Equal(["three"], artifacts.Said("rehearsal-other"));
        Assert.Equal("rehearsals/talk.yaml", artifacts.Paths["rehearsal-talk"]);
        await using (var later = Open())
        {
            Add(await OpenAsync(later, "talk"), "four");
        }
        Assert.Equal(["one", "two", "four"], artifacts.Said("rehearsal-talk"));
        Assert.Equal([1, 2, 3], artifacts.File("rehearsal-talk").Turns.Select(turn => turn.Turn));
    }

    [Fact]
    public async Task Turns_WhileAVersionIsWritten_ComeWithTheNextOne()
    {
        artifacts.Goes = new TaskCompletionSource();
        await using (var shelf = Open())
        {
            var recording = await OpenAsync(shelf, "talk");
            Add(recording, "one");
            await artifacts.Begun.Task;
            for (var i = 0; i < 50; i++)
            {
                Add(recording, $"more {i}");
            }
            artifacts.Goes.SetResult();
        }
        Assert.Equal(2, artifacts.Versions);
        Assert.Equal(51, artifacts.Said("rehearsal-talk").Count);
    }

    [Fact]
    public async Task Version_ThatCouldNotBeWritten_ComesWithTheNextTurn()
    {
        artifacts.Fails = true;
        var shelf = Open();
        var recording = await OpenAsync(shelf, "talk");
        Add(recording, "one");
        await shelf.DisposeAsync();
        Assert.Equal(0, artifacts.Versions);
        artifacts.Fails = false;
        Add(recording, "two");
        await artifacts.Begun.Task;
        await artifacts.Written.Task;
        Assert.Equal(["one", "two"], artifacts.Said("rehearsal-talk"));
    }

    [Fact]
    public async Task Artifact_ThatIsNoRehearsal_IsBegunAnew()
    {
        artifacts.Put("rehearsal-talk", "origin: [");
        await using (var shelf = Open())
        {
            Add(await OpenAsync(shelf, "talk"), "one");
        }
        Assert.Equal(["one"], artifacts.Said("rehearsal-talk"));
    }

    [Fact]
    public async Task Projects_HaveRecordingsOfTheirOwn()
    {
        await using var shelf = Open();
        var other = Ann with { Tenancy = new Tenancy("rival", "web") };
        Assert.NotSame(await shelf.OpenAsync(Ann, "talk", default),
            await shelf.OpenAsync(other, "talk", default));
    }

    [Fact]
    public async Task KeptMax_IsTheLimit_AndOneMoreStartsAnew()
    {
        await using var shelf = Open();
        var first = await OpenAsync(shelf, "0");
        for (var i = 1; i < RecordingShelf.KeptMax; i++)
        {
            await OpenAsync(shelf, $"{i}");
        }
        Assert.Same(first, await OpenAsync(shelf, "0"));
        Add(first, "one");
        await OpenAsync(shelf, "more");
        var again = await OpenAsync(shelf, "0");
        Assert.NotSame(first, again);
        Assert.Equal(1, again.Turns);
    }

    [Fact]
    public async Task BeforeTheEngine_ThereIsNone()
    {
        await using var shelf = new RecordingShelf(() => null, NullLogger.Instance);
        Assert.Null(await shelf.OpenAsync(Ann, "talk", default));
    }

    private RecordingShelf Open() => new(() => artifacts, NullLogger.Instance);

    private static async Task<Recording> OpenAsync(RecordingShelf shelf, string name) =>
        (await shelf.OpenAsync(Ann, name, default))!;

    private static void Add(Recording recording, string said) => recording.Add(new("user", 1, null, null,
        new() { Messages = [new(false, [new RehearsedSaying(new("hi"))])] },
        new([new RehearsedSaying(new(said))], null), 0), isNumbered: false);

    private sealed class Shelf : IArtifactShelf
    {
        // each recording is written by a task of its own
        private readonly ConcurrentDictionary<string, byte[]> kept = [];
        private int versions;

        public ConcurrentDictionary<string, string> Paths { get; } = [];

        public int Versions => versions;

        public bool Fails { get; set; }

        public TaskCompletionSource? Goes { get; set; }

        public TaskCompletionSource Begun { get; } = new();

        public TaskCompletionSource Written { get; } = new();

        public RehearsalFile File(string id) =>
            RehearsalFile.Parse(Encoding.UTF8.GetString(kept[id]), id).Value!;

        public IReadOnlyList<string> Said(string id) => [.. File(id).Turns.Select(turn => turn.Answer.Text)];

        public void Put(string id, string text) => kept[id] = Encoding.UTF8.GetBytes(text);

        public async ValueTask<ArtifactVersion> PutAsync(Principal by, ArtifactPut put,
            CancellationToken cancel)
        {
            if (Fails)
            {
                throw new IOException("no room");
            }
            Begun.TrySetResult();
            await (Goes?.Task ?? Task.CompletedTask);
            using var content = new MemoryStream();
            await put.Content.CopyToAsync(content, cancel);
            kept[put.Id!] = content.ToArray();
            Paths[put.Id!] = put.Path;
            Interlocked.Increment(ref versions);
            Written.TrySetResult();
            return Version(put.Id!);
        }

        public ValueTask<ArtifactContent?> OpenAsync(Tenancy tenancy, string id, int? version,
            CancellationToken cancel) => ValueTask.FromResult(kept.TryGetValue(id, out var bytes)
                ? new ArtifactContent(Version(id), new MemoryStream(bytes)) : null);

        private ArtifactVersion Version(string id) =>
            new(id, Versions, "", "", kept[id].Length, "", null, "", "",
            "", "", "", null, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch);
    }
}
