using System.Net;
using Aegis.Core.Errors;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Streams;
using Aegis.Models.Upstreams;
using Aegis.Tests.Shared.Fakes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Aegis.Models.Tests.Support;

/// <summary>A gateway without a router: each call goes to the fake provider in the protocol that the test
/// chose, always by the neutral form. The official clients speak to it.</summary>
internal sealed class TranslatingServer : IAsyncDisposable
{
    private readonly UpstreamClient _client = new();
    private readonly FakeProvider _fake;
    private readonly WireProtocol _spoken;
    private readonly WebApplication _app;

    private TranslatingServer(FakeProvider fake, WireProtocol spoken)
    {
        (_fake, _spoken) = (fake, spoken);
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    public string Root => _app.Services.GetRequiredService<IServer>().Features
        .Get<IServerAddressesFeature>()!.Addresses.First();

    public static async Task<TranslatingServer> StartAsync(FakeProvider fake, WireProtocol spoken)
    {
        var server = new TranslatingServer(fake, spoken);
        await server._app.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _client.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var client = context.Request.Path.Value switch
        {
            "/v1/messages" => WireProtocol.Anthropic,
            "/v1/responses" => WireProtocol.Responses,
            _ => WireProtocol.OpenAi,
        };
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        try
        {
            var call = ChatTranslation.ReadCall(body.ToArray(), client);
            var written = ChatTranslation.WriteCall(call, _spoken, new());
            using var answer = await _client.SendAsync(Target(context.Request), UpstreamPath.Chat, written,
                context.RequestAborted);
            await (answer.Failure is { } failure ? FailAsync(context, failure.Said!, client)
                : call.Stream ? StreamAsync(context, answer, call, client)
                : WholeAsync(context, answer, client));
        }
        catch (AegisException e)
        {
            await FailAsync(context, WireFailure.Of(WireFailureKind.BadCall, e.Error.Message, e.Error.Code),
                client);
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
    }

    private UpstreamTarget Target(HttpRequest request)
    {
        var key = request.Headers["x-api-key"] is [{ } own] ? own
            : request.Headers.Authorization.ToString()["Bearer ".Length..];
        var fault = request.Headers["x-fake"].ToString();
        return new("fake", _fake.Url, _spoken, UpstreamAuth.Bearer(key), "m")
        {
            Headers = fault.Length > 0 ? [("x-fake", fault)] : [],
        };
    }

    private async Task WholeAsync(HttpContext context, UpstreamAnswer answer, WireProtocol client)
    {
        var whole = await answer.ReadAsync(context.RequestAborted);
        var bytes = whole.Bytes!.Value;
        Assert.True(ChatTranslation.TryReadAnswer(bytes.Span, _spoken, out var read, out var wrong), wrong);
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(ChatTranslation.WriteAnswer(read, client, 1_700_000_000));
    }

    private async Task StreamAsync(HttpContext context, UpstreamAnswer answer, ChatCall call,
        WireProtocol client)
    {
        context.Response.ContentType = "text/event-stream";
        var relay = new StreamRelay(client, new("own", call.Model, 1_700_000_000, call.StreamUsage),
            context.Response.BodyWriter);
        var end = await relay.RunAsync(answer.Body!, _spoken, RecoveryKind.Fresh, StreamText.Quiet,
            context.RequestAborted);
        Assert.Equal(RelayOutcome.Finished, end.Outcome);
        await relay.CompleteAsync(context.RequestAborted);
    }

    private static async Task FailAsync(HttpContext context, WireFailure failure, WireProtocol client)
    {
        context.Response.StatusCode = WireFailure.StatusOf(failure.Kind, client);
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(FailureBodies.Write(failure, client));
    }
}
