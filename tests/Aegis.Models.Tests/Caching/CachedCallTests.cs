using System.IO.Pipelines;
using System.Text;
using Aegis.Core;
using Aegis.Core.Catalogue;
using Aegis.Core.Profiles;
using Aegis.Core.Runs.Models;
using Aegis.Models.Caching;
using Aegis.Models.Calls;
using Aegis.Models.Learning;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Bodies;
using Aegis.Models.Tests.Support;
using Aegis.Models.Upstreams;
using Aegis.Tests.Shared.Fakes;

namespace Aegis.Models.Tests.Caching;

/// <summary>Caches behind the runner: what a call is given, costs and saves.</summary>
public sealed class CachedCallTests : IAsyncLifetime
{
    private readonly UpstreamClient client = new();
    private readonly ModelMemory memory = new();
    private readonly AnswerCache cache = new(null, TimeProvider.System);
    private FakeProvider fake = null!;
    private ModelRunner runner = null!;

    public async Task InitializeAsync()
    {
        fake = await FakeProvider.StartAsync();
        runner = new(new RunnerParts(client, (_, _) => throw new InvalidOperationException(), memory,
            () => ModelCatalogue.None, _ => null, TimeProvider.System)
        {
            Answers = cache,
            Prompts = new(client, TimeProvider.System),
        });
    }

    public async Task DisposeAsync()
    {
        await cache.DisposeAsync();
        await memory.DisposeAsync();
        client.Dispose();
        await fake.DisposeAsync();
    }

    [Theory]
    [InlineData(WireProtocol.OpenAi)]
    [InlineData(WireProtocol.Anthropic)]
    [InlineData(WireProtocol.Responses)]
    public async Task Call_WordForWordAgain_IsGivenForNothing_WholeAndStreamed(WireProtocol protocol)
    {
        var first = await AskAsync(protocol, "one");
        Assert.Null(first.Failure);
        Assert.True(first.Use is { Origin: "live", CostUsd: > 0, SavedUsd: 0 }, first.Use!.ToString());
        var second = await AskAsync(protocol, "one");
        Assert.Equal(("cached", ModelUse.Answered, 0m, first.Use.CostUsd, ModelTokens.None), (
            second.Use!.Origin,
            second.Use.Outcome, second.Use.CostUsd, second.Use.SavedUsd, second.Use.Tokens));
        Assert.Contains("You said: one", Encoding.UTF8.GetString(second.Body.Span));

        var pipe = new Pipe();
        var streamed = await AskAsync(protocol, "one", pipe);
        await pipe.Writer.CompleteAsync();
        Assert.Equal("cached", streamed.Use!.Origin);
        var said = await new StreamReader(pipe.Reader.AsStream()).ReadToEndAsync();
        Assert.Contains("You said: one", said);
        Assert.Single(fake.Requests);
    }

    [Fact]
    public async Task Stream_IsKept_ForCallsInOnePiece()
    {
        var pipe = new Pipe();
        var streamed = await AskAsync(WireProtocol.OpenAi, "two", pipe);
        Assert.True(streamed.Use is { Origin: "live" }, streamed.Error?.ToString());
        var whole = await AskAsync(WireProtocol.OpenAi, "two");
        Assert.Equal(("cached", streamed.Use.CostUsd), (whole.Use!.Origin, whole.Use.SavedUsd));
        Assert.Single(fake.Requests);
    }

    [Fact]
    public async Task Call_OfAnotherTenant_IsAskedAnew()
    {
        _ = await AskAsync(WireProtocol.OpenAi, "one");
        var other = await AskAsync(WireProtocol.OpenAi, "one", tenancy: new("other", "shop"));
        Assert.Equal("live", other.Use!.Origin);
        Assert.Equal(2, fake.Requests.Count);
    }

    [Fact]
    public async Task WhatAClientWishes_IsDone()
    {
        // nothing is kept, and no model is asked
        var only = await AskAsync(WireProtocol.OpenAi, "one", wish: CacheWish.Parse("only-if-cached"));
        Assert.Equal(("AEGIS2343", 504, 0), (only.Error!.Code, only.Failure!.Status, fake.Requests.Count));
        _ = await AskAsync(WireProtocol.OpenAi, "one", wish: CacheWish.Parse("no-store"));
        only = await AskAsync(WireProtocol.OpenAi, "one", wish: CacheWish.Parse("only-if-cached"));
        Assert.Equal("AEGIS2343", only.Error!.Code);
        // asked anew, and kept
        var anew = await AskAsync(WireProtocol.OpenAi, "one", wish: CacheWish.Parse("no-cache"));
        Assert.Equal("live", anew.Use!.Origin);
        only = await AskAsync(WireProtocol.OpenAi, "one", wish: CacheWish.Parse("only-if-cached"));
        Assert.Equal("cached", only.Use!.Origin);
        anew = await AskAsync(WireProtocol.OpenAi, "one", wish: CacheWish.Parse("no-cache"));
        Assert.Equal(("live", 3), (anew.Use!.Origin, fake.Requests.Count));
    }

    private ValueTask<ModelCallEnd> AskAsync(WireProtocol protocol, string question, Pipe? stream = null,
        Tenancy? tenancy = null, CacheWish? wish = null)
    {
        var asked = protocol == WireProtocol.Responses ? $"\"input\":\"{question}\""
            : $"\"messages\":[{{\"role\":\"user\",\"content\":\"{question}\"}}]";
        var most = protocol == WireProtocol.Responses ? "max_output_tokens" : "max_tokens";
        var body = Encoding.UTF8.GetBytes(
            $"{{\"model\":\"quick\",\"temperature\":0,\"{most}\":500,{asked}"
            + (stream is null ? "}" : ",\"stream\":true}"));
        var profile = ProfileParser.Parse($$$"""
            providers: {fake: {base_url: "{{{fake.Url}}}"}}
            models:
              quick:
                provider: fake
                model: fake-1
                price: {input_usd_per_million: 3, output_usd_per_million: 15}
            """, "p").Value!;
        return runner.RunAsync(new ModelCall(protocol, AnswerKind.Chat, body, "quick")
        {
            Outline = CallOutline.Read(body),
            Cache = wish ?? CacheWish.Any,
        }, new ModelCaller(tenancy ?? CacheCalls.Shop, profile, null, null, null),
            stream is null ? null : () => stream.Writer, default);
    }
}
