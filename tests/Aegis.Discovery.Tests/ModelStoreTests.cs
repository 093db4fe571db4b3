using Aegis.Core.Discovery;
using Aegis.Core.Errors;
using Aegis.Discovery.Store;
using Aegis.Discovery.Tests.Support;
using Aegis.Tests.Shared;

namespace Aegis.Discovery.Tests;

/// <summary>Which models are kept, and which go.</summary>
[Collection(OpenFileGroup.Name)]
public sealed class ModelStoreTests : IDisposable
{
    private readonly StoreFolder folder = new();
    private readonly ManualClock clock = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Models_AreKept_UpToTheirNumber(int models)
    {
        var store = folder.Open(models: models, time: clock);
        foreach (var name in new[] { "a/one", "a/two", "a/three" })
        {
            Put(store, name);
        }
        Assert.Equal(models == 3 ? ["a/one", "a/three", "a/two"] : ["a/three", "a/two"], Names(store));
    }

    [Theory]
    [InlineData(299, "a/three a/two")]
    [InlineData(300, "a/one a/three a/two")]
    public void Models_AreKept_UpToTheirBytes(int bytes, string kept)
    {
        var store = folder.Open(bytes: bytes, time: clock);
        foreach (var name in new[] { "a/one", "a/two", "a/three" })
        {
            Put(store, name);
        }
        Assert.Equal(kept.Split(' '), Names(store));
    }

    [Fact]
    public void Limits_AreThoseOfTheDocuments()
    {
        var options = new ModelStoreOptions("/nowhere");
        Assert.Equal((20, 4_000_000_000L), (options.Models, options.Bytes));
    }

    [Fact]
    public void Use_KeepsAModel_InPlaceOfOneThatWasNotUsed()
    {
        var store = folder.Open(models: 2, time: clock);
        Put(store, "a/one");
        Put(store, "a/two");
        Use(store, "a/one");
        Put(store, "a/three");
        Assert.Equal(["a/one", "a/three"], Names(store));
    }

    [Fact]
    public void Pinned_IsNeverThrownOut_AndWhereNothingElseIsThere_NothingIs()
    {
        var store = folder.Open(models: 2, time: clock);
        Put(store, "a/one");
        Put(store, "a/two");
        store.Pin(ModelName.Parse("a/one"), true);
        Put(store, "a/three");
        Assert.Equal(["a/one", "a/three"], Names(store));
        store.Pin(ModelName.Parse("a/three"), true);
        Assert.Equal("AEGIS2493", Assert.Throws<AegisException>(() => Put(store, "a/four")).Error.Code);
        Assert.Equal(["a/one", "a/three"], Names(store));
        // the control: the same passes once a pin is taken off
        store.Pin(ModelName.Parse("a/one"), false);
        Put(store, "a/four");
        Assert.Equal(["a/four", "a/three"], Names(store));
    }

    [Fact]
    public void Open_ByAnotherProgram_IsNeitherThrownOutNorRemoved()
    {
        var store = folder.Open(models: 1, time: clock);
        Put(store, "a/one");
        var file = Path.Combine(store.Use(ModelName.Parse("a/one")).Folder, "model.gguf");
        using (File.OpenRead(file))
        {
            Assert.Equal("AEGIS2493", Assert.Throws<AegisException>(() => Put(store, "a/two")).Error.Code);
            Assert.Equal("AEGIS2498",
                Assert.Throws<AegisException>(() => store.Remove(ModelName.Parse("a/one"))).Error.Code);
        }
        Put(store, "a/two");
        Assert.Equal(["a/two"], Names(store));
        Assert.False(File.Exists(file));
    }

    [Fact]
    public void Loading_KeepsItsRoom_AndIsNotBegunTwice()
    {
        var store = folder.Open(bytes: 200, time: clock);
        using (store.Begin(Manifest("a/one")))
        {
            Put(store, "a/two");
            Assert.Equal("AEGIS2493", Assert.Throws<AegisException>(() =>
            {
                store.Pin(ModelName.Parse("a/two"), true);
                Put(store, "a/three");
            }).Error.Code);
            foreach (var again in new Action[]
            {
                () => store.Begin(Manifest("a/one")), () => store.Remove(ModelName.Parse("a/one")),
            })
            {
                Assert.Equal("AEGIS2498", Assert.Throws<AegisException>(again).Error.Code);
            }
        }
        store.Remove(ModelName.Parse("a/one"));
        Put(store, "a/three");
        Assert.Equal(["a/three", "a/two"], Names(store));
    }

    [Fact]
    public void HalfDownloads_GoBeforeModels()
    {
        var store = folder.Open(bytes: 300, time: clock);
        Put(store, "a/one");
        var manifest = Manifest("a/half", 150);
        using (var place = store.Begin(manifest))
        {
            using var half = place.Open(manifest.Files[0]);
            half.Write(new byte[120]);
        }
        Put(store, "a/two", 150);
        Assert.Equal(["a/one", "a/two"], Names(store));
        Assert.Empty(store.Halves());
    }

    [Fact]
    public void HalfDownloads_ThatNobodyGoesOnWith_GoAfterTheirTime()
    {
        var real = new ManualClock();
        real.Advance(TimeProvider.System.GetUtcNow() - real.GetUtcNow());
        folder.Open(time: real).Begin(Manifest("a/half")).Dispose();
        real.Advance(ModelStoreOptions.HalfKeptMax - TimeSpan.FromMinutes(1));
        Assert.Single(folder.Open(time: real).Halves());
        real.Advance(TimeSpan.FromMinutes(2));
        Assert.Empty(folder.Open(time: real).Halves());
    }

    [Fact]
    public void Reopened_StoreHasWhatItHad()
    {
        var store = folder.Open(time: clock);
        Put(store, "a/one");
        Put(store, "a/two");
        store.Pin(ModelName.Parse("a/two"), true);
        Use(store, "a/one");
        Assert.Equal(store.List(), folder.Open(time: clock).List(), SameModel.Instance);
    }

    [Fact]
    public void Index_ThatIsLostOrTorn_IsMadeAnewFromTheModels()
    {
        var store = folder.Open(time: clock);
        Put(store, "a/one");
        var index = Path.Combine(store.Options.Folder, "index.json");
        File.WriteAllText(index, File.ReadAllText(index)[..20]);
        Assert.Equal(["a/one"], Names(folder.Open(time: clock)));
        File.Delete(index);
        Assert.Equal(["a/one"], Names(folder.Open(time: clock)));
    }

    [Fact]
    public void Model_WhoseFileIsGoneOrShort_IsNotListed()
    {
        var store = folder.Open(time: clock);
        Put(store, "a/one");
        using (var file = File.OpenWrite(
            Path.Combine(store.Use(ModelName.Parse("a/one")).Folder, "model.gguf")))
        {
            file.SetLength(99);
        }
        Assert.Empty(folder.Open(time: clock).List());
    }

    [Fact]
    public void Remove_OfWhatIsNotThere_SaysSo() =>
        Assert.Equal("AEGIS2497", Assert.Throws<AegisException>(() =>
            folder.Open().Remove(ModelName.Parse("a/none"))).Error.Code);

    /// <summary>Random acts, held against a model of the rule: nothing pinned goes, and what goes was used
    /// longer ago than all that stays and might have gone.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Eviction_TakesWhoWasUsedLongestAgo_WhateverHappens(int seed)
    {
        var random = new Random(seed);
        var store = folder.Open(bytes: 1_000, models: 6, time: clock);
        for (var act = 0; act < 80; act++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            var name = ModelName.Parse($"a/m{random.Next(12)}");
            var before = store.List();
            switch (random.Next(5))
            {
                case 0 when store.Find(name) is not null:
                    store.Use(name);
                    break;
                case 1 when store.Find(name) is { } model:
                    store.Pin(name, !model.Pinned);
                    break;
                default:
                    PutAny(store, name, random.Next(1, 500), before);
                    break;
            }
            var after = store.List();
            Assert.True(after.Length <= 6 && after.Sum(m => m.Manifest.Bytes) <= 1_000, $"seed {seed}");
        }
        Assert.Equal(store.List(), folder.Open(bytes: 1_000, time: clock).List(), SameModel.Instance);
    }

    private static void PutAny(
        ModelStore store, ModelName name, int bytes, IReadOnlyList<StoredModel> before)
    {
        try
        {
            store.Put(name.ToString(), bytes);
        }
        catch (AegisException e) when (e.Error.Code == "AEGIS2493")
        {
            Assert.Equal(before, store.List(), SameModel.Instance);
            return;
        }
        var stayed = store.List().Select(m => m.Manifest.Name).ToHashSet();
        var gone = before.Where(m => !stayed.Contains(m.Manifest.Name)).ToList();
        Assert.All(gone, m => Assert.False(m.Pinned));
        var might = before.Where(m => stayed.Contains(m.Manifest.Name) && !m.Pinned
            && m.Manifest.Name != name).ToList();
        Assert.True(gone.Count == 0 || might.Count == 0
            || gone.Max(m => m.UsedAt) < might.Min(m => m.UsedAt), "one that was used later went");
    }

    private StoredModel Put(ModelStore store, string name, int bytes = 100)
    {
        clock.Advance(TimeSpan.FromMinutes(1));
        return store.Put(name, bytes);
    }

    private void Use(ModelStore store, string name)
    {
        clock.Advance(TimeSpan.FromMinutes(1));
        store.Use(ModelName.Parse(name));
    }

    private static ModelManifest Manifest(string name, int bytes = 100) => new(name, HubServer.Commit(name),
        [new ManifestFile("model.gguf", bytes, HubServer.Sha256(new byte[bytes]))]);

    private static IEnumerable<string> Names(ModelStore store) => store.List().Select(m => m.Manifest.Model);
}

/// <summary>Manifests hold lists, which are equal by their items.</summary>
internal sealed class SameModel : IEqualityComparer<StoredModel>
{
    public static SameModel Instance { get; } = new();

    public bool Equals(StoredModel? x, StoredModel? y) =>
        (x?.Manifest.Model, x?.Manifest.Revision, x?.Pinned, x?.PulledAt, x?.UsedAt)
            == (y?.Manifest.Model, y?.Manifest.Revision, y?.Pinned, y?.PulledAt, y?.UsedAt)
            && x!.Manifest.Files.SequenceEqual(y!.Manifest.Files);

    public int GetHashCode(StoredModel obj) => obj.Manifest.Model.GetHashCode(StringComparison.Ordinal);
}
