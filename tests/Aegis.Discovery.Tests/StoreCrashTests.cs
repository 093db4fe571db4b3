using Aegis.Core.Discovery;
using Aegis.Discovery.Store;
using Aegis.Discovery.Tests.Support;
using Aegis.Tests.Shared;

namespace Aegis.Discovery.Tests;

/// <summary>Dies before each step that the store takes on the disk, one after the other, and looks at what
/// the next life finds.</summary>
[Collection(OpenFileGroup.Name)]
public sealed class StoreCrashTests
{
    private static readonly string[] Kept = ["a/kept", "a/old"];

    public static TheoryData<string> Acts => ["load", "load and make room", "load anew", "remove", "pin"];

    [Theory]
    [MemberData(nameof(Acts))]
    public void Store_DiesAtAnyStep_AndIsWholeAfterwards(string act)
    {
        var steps = 0;
        for (var dieAt = 0; dieAt <= steps; dieAt++)
        {
            using var folder = new StoreFolder();
            var clock = new ManualClock();
            var limit = act == "load and make room" ? 2 : 20;
            Prepare(folder.Open(models: limit, time: clock), clock);
            clock.Advance(TimeSpan.FromMinutes(1));
            var step = 0;
            // the first index is written by the opening
            var store = folder.Open(models: limit, time: clock, step: _ =>
            {
                if (step++ == dieAt + 1)
                {
                    throw new DeadException();
                }
            });
            var died = Do(act, store);
            steps = Math.Max(steps, step - 1);
            CheckNextLife(folder, clock, limit, act, died, dieAt);
        }
        Assert.True(steps >= 1, $"{act} took no step");
    }

    [Fact]
    public void Recovery_DiesAtAnyStep_AndIsDoneByTheNextLife()
    {
        var died = true;
        for (var dieAt = 0; died; dieAt++)
        {
            using var folder = new StoreFolder();
            Ruin(folder);
            var step = 0;
            try
            {
                folder.Open(step: _ =>
                {
                    if (step++ == dieAt)
                    {
                        throw new DeadException();
                    }
                });
                died = false;
            }
            catch (DeadException)
            {
                // the next life does the rest
            }
            var store = folder.Open();
            Assert.Equal(["a/done", "a/kept"], store.List().Select(m => m.Manifest.Model));
            Assert.Empty(store.Halves());
            Assert.Empty(Directory.EnumerateFileSystemEntries(
                Path.Combine(store.Options.Folder, "trash")));
        }
    }

    /// <summary>A model, one that lacks only its place, a torn folder, and a half one without a
    /// manifest.</summary>
    private static void Ruin(StoreFolder folder)
    {
        var store = folder.Open();
        store.Put("a/kept", 100);
        var content = HubServer.Bytes(50);
        var file = new ManifestFile("model.gguf", 50, HubServer.Sha256(content));
        using (var place = store.Begin(new ModelManifest("a/done", HubServer.Commit("a/done"), [file])))
        {
            using (var half = place.Open(file))
            {
                half.Write(content);
            }
            place.Finish(file);
        }
        Directory.CreateDirectory(Path.Combine(store.Options.Folder, "models", "torn"));
        Directory.CreateDirectory(Path.Combine(store.Options.Folder, "half", "nameless"));
        Directory.CreateDirectory(Path.Combine(store.Options.Folder, "trash", "old"));
    }

    private static void Prepare(ModelStore store, ManualClock clock)
    {
        store.Put("a/old", 100);
        clock.Advance(TimeSpan.FromMinutes(1));
        store.Put("a/kept", 100);
        store.Pin(ModelName.Parse("a/kept"), true);
    }

    private static bool Do(string act, ModelStore store)
    {
        try
        {
            switch (act)
            {
                case "load" or "load and make room":
                    store.Put("a/new", 100);
                    break;
                case "load anew":
                    store.Put("a/old", 120, seed: 2);
                    break;
                case "remove":
                    store.Remove(ModelName.Parse("a/old"));
                    break;
                default:
                    store.Pin(ModelName.Parse("a/old"), true);
                    break;
            }
            return false;
        }
        catch (DeadException)
        {
            return true;
        }
    }

    private static void CheckNextLife(
        StoreFolder folder, ManualClock clock, int limit, string act, bool died, int dieAt)
    {
        var store = folder.Open(models: limit, time: clock);
        var names = store.List().Select(m => m.Manifest.Model).ToList();
        var where = $"{act}, step {dieAt}: {string.Join(' ', names)}";
        Assert.True(store.Find(ModelName.Parse("a/kept")) is { Pinned: true }, where);
        Assert.True(names.Count <= limit, where);
        foreach (var model in store.List())
        {
            var file = Path.Combine(store.Use(model.Manifest.Name).Folder, "model.gguf");
            Assert.Equal(model.Manifest.Files[0].Sha256, HubServer.Sha256(File.ReadAllBytes(file)));
        }
        Assert.True(act is "remove" or "load and make room" || Kept.All(n => names.Contains(n)
            || (act == "load anew" && store.Halves().Length == 1)), where);
        Assert.True(died || act switch
        {
            "remove" => !names.Contains("a/old"),
            "pin" => store.Find(ModelName.Parse("a/old"))!.Pinned,
            "load anew" => store.Find(ModelName.Parse("a/old"))!.Manifest.Bytes == 120,
            _ => names.Contains("a/new"),
        }, where);
        // whatever happened, the act can be done now
        Assert.False(Do(act == "remove" && !names.Contains("a/old") ? "load" : act, store), where);
        Assert.Empty(store.Halves());
    }

    private sealed class DeadException : Exception;
}
