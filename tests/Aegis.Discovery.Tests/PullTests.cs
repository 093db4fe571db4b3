using Aegis.Core.Discovery;
using Aegis.Discovery.Store;
using Aegis.Discovery.Tests.Support;
using Aegis.Tests.Shared;

namespace Aegis.Discovery.Tests;

/// <summary>Models from a hub: a real server on this machine that cuts, lies and leads astray.</summary>
public sealed class PullTests : IDisposable
{
    private const string Name = "ada/tiny";
    private readonly StoreFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Search_ShowsWhatTheHubSays()
    {
        await using var server = new HubServer().Has("ada/tiny gguf", "a", []).Has("bob/other", "a", []);
        var found = await folder.Hub(server).SearchAsync("tiny gguf", 20, null, default);
        var expected = new HubModel("ada/tiny gguf", "text-generation", 7, 3, false,
            new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        Assert.Equal(expected, Assert.Single(found));
    }

    [Fact]
    public async Task Pull_Repository_TakesEveryFile_EachVerified()
    {
        var weights = HubServer.Bytes(300_000);
        await using var server = new HubServer().Has(Name, "model.safetensors", weights)
            .Has(Name, "nested/config.json", "{}"u8.ToArray()).Has(Name, ".gitattributes", [1]);
        var store = folder.Open();
        var there = new List<long>();
        var model = await folder.Hub(server).PullAsync(store, Name, told: there.Add);
        Assert.Equal((HubServer.Commit(Name), 300_002L), (model.Manifest.Revision, model.Manifest.Bytes));
        Assert.Equal(["model.safetensors", "nested/config.json"], model.Manifest.Files.Select(f => f.Path));
        Assert.Equal(there.Order(), there);
        Assert.Equal(300_002, there[^1]);
        var at = store.Use(ModelName.Parse(Name)).Folder;
        Assert.Equal(weights, await File.ReadAllBytesAsync(Path.Combine(at, "model.safetensors")));
        Assert.Equal("{}", await File.ReadAllTextAsync(Path.Combine(at, "nested/config.json")));
        Assert.Empty(store.Halves());
    }

    [Fact]
    public async Task Pull_OneFile_TakesThatAlone()
    {
        await using var server = new HubServer().Has(Name, "a.gguf", [1]).Has(Name, "b.gguf", [2, 2]);
        var model = await folder.Hub(server).PullAsync(folder.Open(), $"{Name}:b.gguf");
        Assert.Equal(["b.gguf"], model.Manifest.Files.Select(f => f.Path));
        var refused = await Pulling.RefusedAsync(() =>
            folder.Hub(server).PullAsync(folder.Open(), $"{Name}:c.gguf"));
        Assert.Equal("AEGIS2491", refused.Code);
    }

    [Fact]
    public async Task Pull_ThatIsCut_GoesOnWithoutAskingTheFirstBytesAgain()
    {
        var content = HubServer.Bytes(200_000);
        await using var server = new HubServer().Has(Name, "model.gguf", content);
        server.Instead = request => request.Target.Contains("/resolve/")
            ? HubServer.File(content, request, Math.Min(70_000, content.Length - (int)request.From)) : null;
        await folder.Hub(server).PullAsync(folder.Open(), Name);
        Assert.Equal([0L, 70_000, 140_000], server.FileRequests.Select(r => r.From));
    }

    [Fact]
    public async Task Pull_ThatNeverGetsOn_IsGivenUp_AndGoesOnInAnotherLife()
    {
        var content = HubServer.Bytes(100_000);
        await using var server = new HubServer().Has(Name, "model.gguf", content);
        server.Instead = request => !request.Target.Contains("/resolve/") ? null
            : request.From == 0 ? HubServer.File(content, request, 60_000)
            : HubServer.File(content, request, 0);
        var refused = await Pulling.RefusedAsync(() =>
            folder.Hub(server).PullAsync(folder.Open(), Name));
        Assert.Equal("AEGIS2490", refused.Code);
        Assert.Equal(1 + ModelHubOptions.TriesMax, server.FileRequests.Count());

        var store = folder.Open();
        var half = Assert.Single(store.Halves());
        Assert.Equal((Name, 60_000L, false), (half.Manifest.Model, half.BytesThere, half.IsRunning));
        Assert.Empty(store.List());
        server.Asked.Clear();
        server.Instead = _ => null;
        await folder.Hub(server).PullAsync(store, Name);
        Assert.Equal([60_000L], server.FileRequests.Select(r => r.From));
        Assert.Single(store.List());
    }

    [Fact]
    public async Task Pull_FromAServerWithoutRanges_BeginsAnew()
    {
        var content = HubServer.Bytes(100_000);
        await using var server = new HubServer().Has(Name, "model.gguf", content);
        var cut = true;
        server.Instead = request =>
        {
            if (!request.Target.Contains("/resolve/"))
            {
                return null;
            }
            var sent = cut ? 60_000 : content.Length;
            cut = false;
            return new(200, content, SentBytes: sent);
        };
        var store = folder.Open();
        await folder.Hub(server).PullAsync(store, Name);
        var at = store.Use(ModelName.Parse(Name)).Folder;
        Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(at, "model.gguf")));
        Assert.Equal([0L, 60_000], server.FileRequests.Select(r => r.From));
    }

    [Theory]
    [InlineData("model.gguf")]
    [InlineData("config.json")]
    public async Task Pull_OfOtherBytes_IsThrownAway(string file)
    {
        var content = HubServer.Bytes(1_000);
        await using var server = new HubServer().Has(Name, file, content);
        var wrong = content.ToArray();
        wrong[500] ^= 1;
        server.Instead = request => request.Target.Contains("/resolve/")
            ? HubServer.File(wrong, request) : null;
        var store = folder.Open();
        var refused = await Pulling.RefusedAsync(() => folder.Hub(server).PullAsync(store, Name));
        Assert.Equal("AEGIS2494", refused.Code);
        Assert.Empty(store.List());
        Assert.Equal(0, Assert.Single(store.Halves()).BytesThere);
        // the control: the same with the right bytes passes, and nothing of the wrong ones is used
        server.Instead = _ => null;
        await folder.Hub(server).PullAsync(store, Name);
        Assert.Single(store.List());
    }

    [Fact]
    public async Task Pull_OfMoreBytesThanStated_IsThrownAway()
    {
        await using var server = new HubServer().Has(Name, "model.gguf", HubServer.Bytes(1_000));
        server.Instead = request => request.Target.Contains("/resolve/")
            ? new(200, HubServer.Bytes(1_001)) : null;
        var store = folder.Open();
        var refused = await Pulling.RefusedAsync(() => folder.Hub(server).PullAsync(store, Name));
        Assert.Equal(("AEGIS2494", "more"), (refused.Code, refused.Got));
        Assert.Equal(0, Assert.Single(store.Halves()).BytesThere);
    }

    [Fact]
    public async Task Pull_OfOtherBytesThanTheRedirectStates_IsRefused()
    {
        await using var server = new HubServer().Has(Name, "model.gguf", HubServer.Bytes(1_000));
        server.Instead = request => request.Target.Contains("/resolve/")
            ? new(200, HubServer.Bytes(1_000), $"X-Linked-ETag: \"{new string('a', 64)}\"\r\n") : null;
        var refused = await Pulling.RefusedAsync(() => folder.Hub(server).PullAsync(folder.Open(), Name));
        Assert.Equal("AEGIS2494", refused.Code);
    }

    [Fact]
    public async Task Token_GoesToTheHub_AndToNoHostThatItLeadsTo()
    {
        var content = HubServer.Bytes(1_000);
        await using var network = new HubServer(tls: true);
        network.Instead = request => HubServer.File(content, request);
        await using var server = new HubServer().Has(Name, "model.gguf", content);
        server.Instead = request => !request.Target.Contains("/resolve/") ? null
            : request.Target.EndsWith("?again", StringComparison.Ordinal)
                ? HubAnswer.Redirect($"{network.Url}x?sig=1",
                    $"X-Linked-ETag: \"{HubServer.Sha256(content)}\"\r\n")
                : HubAnswer.Redirect($"{request.Target}?again");
        await folder.Hub(server, network.Authority!).PullAsync(folder.Open(), Name, "hf_secret");
        Assert.Null(Assert.Single(network.Asked).Authorization);
        // the control: the hub itself got it, each time, also where it led to itself
        Assert.Equal(3, server.Asked.Count);
        Assert.All(server.Asked, r => Assert.Equal("Bearer hf_secret", r.Authorization));
    }

    [Fact]
    public async Task Redirect_ToAPlainHttpHost_IsRefused_AndNotAsked()
    {
        var content = HubServer.Bytes(1_000);
        await using var elsewhere = new HubServer();
        elsewhere.Instead = request => HubServer.File(content, request);
        await using var server = new HubServer().Has(Name, "model.gguf", content);
        server.Instead = request => request.Target.Contains("/resolve/")
            ? HubAnswer.Redirect($"{elsewhere.Url}x") : null;
        var refused = await Pulling.RefusedAsync(() =>
            folder.Hub(server).PullAsync(folder.Open(), Name, "hf_secret"));
        Assert.Equal("AEGIS2495", refused.Code);
        Assert.Empty(elsewhere.Asked);
    }

    [Fact]
    public async Task Redirect_ToAHostThatIsNotTrusted_IsNotFollowed()
    {
        await using var network = new HubServer(tls: true);
        await using var server = new HubServer().Has(Name, "model.gguf", [1]);
        server.Instead = request => request.Target.Contains("/resolve/")
            ? HubAnswer.Redirect($"{network.Url}x") : null;
        var refused = await Pulling.RefusedAsync(() => folder.Hub(server).PullAsync(folder.Open(), Name));
        Assert.Equal("AEGIS2490", refused.Code);
        Assert.Empty(network.Asked);
    }

    [Fact]
    public async Task Redirects_WithoutEnd_AreGivenUp()
    {
        await using var server = new HubServer().Has(Name, "model.gguf", [1]);
        server.Instead = request => request.Target.Contains("/resolve/")
            ? HubAnswer.Redirect(request.Target) : null;
        var refused = await Pulling.RefusedAsync(() => folder.Hub(server).PullAsync(folder.Open(), Name));
        Assert.Equal("AEGIS2492", refused.Code);
        Assert.Equal(1 + ModelHubOptions.RedirectsMax, server.FileRequests.Count());
    }

    [Theory]
    [InlineData(1_000, null)]
    [InlineData(1_001, "AEGIS2493")]
    public async Task Pull_OfMoreThanTheStoreHolds_IsRefusedBeforeAByteIsLoaded(int bytes, string? code)
    {
        await using var server = new HubServer().Has(Name, "model.gguf", HubServer.Bytes(bytes));
        var store = folder.Open(bytes: 1_000);
        if (code is null)
        {
            await folder.Hub(server).PullAsync(store, Name);
            return;
        }
        var refused = await Pulling.RefusedAsync(() => folder.Hub(server).PullAsync(store, Name));
        Assert.Equal(code, refused.Code);
        Assert.Empty(server.FileRequests);
    }

    [Fact]
    public async Task Pull_OfARepositoryThatIsTooLarge_NamesTheFilesThatWouldFit()
    {
        await using var server = new HubServer().Has(Name, "q4.gguf", HubServer.Bytes(600))
            .Has(Name, "q8.gguf", HubServer.Bytes(1_200));
        var refused = await Pulling.RefusedAsync(() =>
            folder.Hub(server).PullAsync(folder.Open(bytes: 1_000), Name));
        Assert.Equal($"pull one of its files: {Name}:FILE, FILE one of q4.gguf", refused.Mend);
    }

    [Fact]
    public async Task Pull_WithoutRoomOnTheDisk_IsRefusedBefore()
    {
        await using var server = new HubServer().Has(Name, "model.gguf", HubServer.Bytes(1_000));
        var refused = await Pulling.RefusedAsync(() =>
            folder.Hub(server).PullAsync(folder.Open(free: _ => 999), Name));
        Assert.Equal(("AEGIS2496", "999 bytes"), (refused.Code, refused.Got));
        Assert.Empty(server.FileRequests);
        await folder.Hub(server).PullAsync(folder.Open(free: _ => 1_000), Name);
    }

    [Fact]
    public async Task Pull_WhenTheDiskFillsUp_SaysSo()
    {
        await using var server = new HubServer().Has(Name, "model.gguf", HubServer.Bytes(1_000));
        // the kernel's own full disk
        var store = folder.Open(openHalf: _ => ModelStoreOptions.OpenAtEnd("/dev/full"));
        var refused = await Pulling.RefusedAsync(() => folder.Hub(server).PullAsync(store, Name));
        Assert.Equal(("AEGIS2496", "none left"), (refused.Code, refused.Got));
        await folder.Hub(server).PullAsync(folder.Open(), Name);
    }

    [Theory]
    [InlineData(401, "AEGIS2491")]
    [InlineData(404, "AEGIS2491")]
    [InlineData(503, "AEGIS2490")]
    public async Task Hub_ThatRefuses_IsNamedWithItsStatus(int status, string code)
    {
        await using var server = new HubServer();
        server.Instead = _ => new(status, []);
        var refused = await Pulling.RefusedAsync(() =>
            folder.Hub(server).SearchAsync("tiny", 20, null, default));
        Assert.Equal(code, refused.Code);
        Assert.Contains($"{status}", refused.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"sha":"x","siblings":[]}""")]
    [InlineData("""[]""")]
    [InlineData("""not json""")]
    [InlineData("""{"sha":"SHA","siblings":[{"rfilename":"../../etc/passwd","size":1,"blobId":"SHA"}]}""")]
    [InlineData("""{"sha":"SHA","siblings":[{"rfilename":"/etc/passwd","size":1,"blobId":"SHA"}]}""")]
    [InlineData("""{"sha":"SHA","siblings":[{"rfilename":"a","size":1}]}""")]
    [InlineData("""{"sha":"SHA","siblings":[{"rfilename":"a","size":-1,"blobId":"SHA"}]}""")]
    [InlineData("""{"sha":"SHA","siblings":[{"rfilename":"manifest.json","size":1,"blobId":"SHA"}]}""")]
    [InlineData("""{"sha":"SHA","siblings":[{"rfilename":"a.part","size":1,"blobId":"SHA"}]}""")]
    public async Task Hub_ThatSaysNonsense_IsNotBelieved(string answer)
    {
        await using var server = new HubServer();
        server.Instead = _ => new(200, System.Text.Encoding.UTF8.GetBytes(
            answer.Replace("SHA", new string('a', 40), StringComparison.Ordinal)));
        var refused = await Pulling.RefusedAsync(() =>
            folder.Hub(server).ManifestAsync(ModelName.Parse(Name), "main", null, default));
        Assert.Equal("AEGIS2492", refused.Code);
    }

    [Fact]
    public async Task Hub_ThatIsNotThere_IsSaid()
    {
        Uri gone;
        await using (var server = new HubServer())
        {
            gone = server.Url;
        }
        using var hub = new ModelHub(new ModelHubOptions(gone), TimeProvider.System);
        Assert.Equal("AEGIS2490",
            (await Pulling.RefusedAsync(() => hub.SearchAsync("a", 1, null, default))).Code);
    }

    [Theory]
    [InlineData("https://hub.example", true)]
    [InlineData("http://127.0.0.1:9000", true)]
    [InlineData("http://hub.example", false)]
    [InlineData("https://user@hub.example", false)]
    [InlineData("ftp://hub.example", false)]
    public void HubAddress_IsHttpsOrOnThisMachine(string address, bool good) =>
        Assert.Equal(good, ModelHubOptions.IsAddress(new Uri(address)));
}
