using Aegis.Core.Discovery;
using Aegis.Discovery.Store;
using Aegis.Discovery.Tests.Support;
using Aegis.Tests.Shared;

namespace Aegis.Discovery.Tests;

/// <summary>Downloads behind the caller's back.</summary>
public sealed class ModelPullsTests : IDisposable
{
    private readonly StoreFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Pull_IsShownWhileItRuns_AndIsNotBegunTwice()
    {
        await using var server = new HubServer().Has("a/one", "model.gguf", HubServer.Bytes(1_000));
        var (asked, go) = (Signal(), Signal());
        server.Until = request =>
        {
            if (!request.Target.Contains("/resolve/"))
            {
                return Task.CompletedTask;
            }
            asked.TrySetResult();
            return go.Task;
        };
        var store = folder.Open();
        await using var pulls = new ModelPulls(store, folder.Hub(server));
        var name = ModelName.Parse("a/one");
        await pulls.StartAsync(name, "main", null, default);
        await asked.Task;
        Assert.Null(Assert.Single(pulls.States()).Error);
        Assert.True(Assert.Single(store.Halves()).IsRunning);
        Assert.Equal("AEGIS2498",
            (await Pulling.RefusedAsync(() => pulls.StartAsync(name, "main", null, default))).Code);
        go.SetResult();
        await pulls.EndOfAsync(name);
        Assert.Empty(pulls.States());
        Assert.Single(store.List());
        // the control: it is there, so nothing is loaded, and that counts as a use
        var requests = server.FileRequests.Count();
        await pulls.StartAsync(name, "main", null, default);
        Assert.Equal(requests, server.FileRequests.Count());
    }

    [Fact]
    public async Task Pull_ThatFails_IsRemembered_UntilItIsBegunAnew()
    {
        await using var server = new HubServer().Has("a/one", "model.gguf", HubServer.Bytes(1_000));
        server.Instead = request => request.Target.Contains("/resolve/") ? new(404, []) : null;
        var store = folder.Open();
        await using var pulls = new ModelPulls(store, folder.Hub(server));
        var name = ModelName.Parse("a/one");
        await pulls.StartAsync(name, "main", null, default);
        await pulls.EndOfAsync(name);
        Assert.Equal("AEGIS2491", Assert.Single(pulls.States()).Error?.Code);
        server.Instead = _ => null;
        await pulls.StartAsync(name, "main", null, default);
        await pulls.EndOfAsync(name);
        Assert.Empty(pulls.States());
        Assert.Single(store.List());
    }

    [Theory]
    [InlineData(ModelPulls.RunningMax, null)]
    [InlineData(ModelPulls.RunningMax + 1, "AEGIS2498")]
    public async Task Pulls_RunUpToTheirNumber(int count, string? code)
    {
        await using var server = new HubServer();
        var go = Signal();
        server.Until = request => request.Target.Contains("/resolve/") ? go.Task : Task.CompletedTask;
        var store = folder.Open();
        await using var pulls = new ModelPulls(store, folder.Hub(server));
        string? refused = null;
        for (var i = 0; i < count; i++)
        {
            server.Has($"a/m{i}", "model.gguf", HubServer.Bytes(10));
            try
            {
                await pulls.StartAsync(ModelName.Parse($"a/m{i}"), "main", null, default);
            }
            catch (Core.Errors.AegisException e)
            {
                refused = e.Error.Code;
            }
        }
        Assert.Equal(code, refused);
        go.SetResult();
        for (var i = 0; i < ModelPulls.RunningMax; i++)
        {
            await pulls.EndOfAsync(ModelName.Parse($"a/m{i}"));
        }
        Assert.Equal(ModelPulls.RunningMax, store.List().Length);
    }

    [Fact]
    public async Task Stop_EndsAPull_WhichGoesOnInTheNextLife()
    {
        var content = HubServer.Bytes(1_000);
        await using var server = new HubServer().Has("a/one", "model.gguf", content);
        var (asked, go) = (Signal(), Signal());
        server.Until = request =>
        {
            if (request.From == 0)
            {
                return Task.CompletedTask;
            }
            asked.TrySetResult();
            return go.Task;
        };
        server.Instead = request => request.Target.Contains("/resolve/")
            ? HubServer.File(content, request, request.From == 0 ? 600 : null) : null;
        var name = ModelName.Parse("a/one");
        await using (var pulls = new ModelPulls(folder.Open(), folder.Hub(server)))
        {
            await pulls.StartAsync(name, "main", null, default);
            await asked.Task;
        }
        go.SetResult();
        server.Instead = _ => null;
        server.Asked.Clear();
        var store = folder.Open();
        Assert.Equal(600, Assert.Single(store.Halves()).BytesThere);
        await using var next = new ModelPulls(store, folder.Hub(server));
        await next.StartAsync(name, "main", null, default);
        await next.EndOfAsync(name);
        Assert.Equal([600L], server.FileRequests.Select(r => r.From));
        Assert.Single(store.List());
    }

    private static TaskCompletionSource Signal() =>
        new(TaskCreationOptions.RunContinuationsAsynchronously);
}
