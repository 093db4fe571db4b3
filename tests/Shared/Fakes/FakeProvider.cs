using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Aegis.Tests.Shared.Fakes;

/// <summary>What the fake was asked.</summary>
public sealed record FakeRequest(string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body);

/// <summary>A provider of models on a loopback port that speaks OpenAI's and Anthropic's protocols as the
/// real ones do, without a model: what it says follows from what it is asked. It writes its answers by hand,
/// with nothing of the product's own, so that both can be held against each other. Faults come by the header
/// <c>x-fake</c>, by a model named <c>fault …</c>, or by <see cref="Script"/>.</summary>
public sealed class FakeProvider : IAsyncDisposable
{
    private readonly ConcurrentQueue<FakeFault> script = new();
    private readonly FakeProviderOptions options;
    private readonly WebApplication app;
    private readonly CancellationTokenSource stop = new();
    private readonly TaskCompletionSource hangs = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private FakeProvider(FakeProviderOptions options)
    {
        this.options = options;
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 64 << 20;
            kestrel.Listen(IPAddress.Loopback, options.Port);
        });
        app = builder.Build();
        app.Run(AnswerAsync);
    }

    public Uri Root { get; private set; } = new("http://127.0.0.1/");

    /// <summary>The base address of OpenAI's protocol, and of Anthropic's paths below <c>/v1</c>.</summary>
    public Uri Url => new(Root, "v1");

    public Uri CachedContentsUrl => new(Root, "v1beta/cachedContents");

    public ConcurrentQueue<FakeRequest> Requests { get; } = new();

    /// <summary>Completes once a call is left without an answer.</summary>
    public Task Hangs => hangs.Task;

    internal FakeMemory Memory { get; } = new();

    public static async Task<FakeProvider> StartAsync(FakeProviderOptions? options = null)
    {
        var fake = new FakeProvider(options ?? new());
        await fake.app.StartAsync();
        var address = fake.app.Services.GetRequiredService<IServer>().Features
            .Get<IServerAddressesFeature>()!.Addresses.First();
        fake.Root = new Uri(address + "/");
        return fake;
    }

    /// <summary>The next calls go as these faults say, one each; then all is well again.</summary>
    public void Script(params FakeFault[] faults)
    {
        foreach (var fault in faults)
        {
            script.Enqueue(fault);
        }
    }

    /// <summary>What was stored by <c>cachedContents</c> is gone, as when its time is over.</summary>
    public void ForgetContents() => Memory.ForgetContents();

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await app.DisposeAsync();
        stop.Dispose();
    }

    internal async Task HangAsync(CancellationToken end)
    {
        hangs.TrySetResult();
        await new TaskCompletionSource().Task.WaitAsync(end);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var body = await BodyAsync(context.Request);
        if (options.KeepRequests)
        {
            Requests.Enqueue(new(context.Request.Path + context.Request.QueryString, context.Request.Headers
                .ToDictionary(header => header.Key, header => header.Value.ToString(),
                    StringComparer.OrdinalIgnoreCase), body));
        }
        var fault = script.TryDequeue(out var scripted) ? scripted
            : FakeFault.Parse(context.Request.Headers["x-fake"]) is { Kind: not FakeFaultKind.None } told
                ? told
            : FakeFault.OfModel(body);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stop.Token);
        try
        {
            await new FakeExchange(this, options, context, body, fault, end.Token).RunAsync();
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
    }

    private static async Task<byte[]> BodyAsync(HttpRequest request)
    {
        if (request.ContentLength is { } length)
        {
            var body = new byte[length];
            await request.Body.ReadExactlyAsync(body);
            return body;
        }
        using var whole = new MemoryStream();
        await request.Body.CopyToAsync(whole);
        return whole.ToArray();
    }
}

public sealed record FakeProviderOptions
{
    /// <summary>0 for any that is free.</summary>
    public int Port { get; init; }

    /// <summary>The key that must come; null takes any or none.</summary>
    public string? Key { get; init; }

    /// <summary>The models that there are; empty takes any.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>Whether <see cref="FakeProvider.Requests"/> is filled; off where speed is measured.</summary>
    public bool KeepRequests { get; init; } = true;

    /// <summary>What it says; null for an echo of the last message.</summary>
    public string? Reply { get; init; }
}
