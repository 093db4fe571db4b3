using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Aegis.Core;
using Aegis.Core.Budgets;
using Aegis.Core.Catalogue;
using Aegis.Core.Profiles;
using Aegis.Core.Routing.Failures;
using Aegis.Models.Calls;
using Aegis.Models.Learning;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Bodies;
using Aegis.Models.Upstreams;
using Aegis.Tests.Shared.Fakes;

namespace Aegis.Models.Tests.Calls;

/// <summary>The runner over two fake providers, <c>a</c> and <c>b</c>, each with the protocol that a test
/// wants; the alias <c>reasoning</c> asks a first.</summary>
public sealed class RunnerRoom : IAsyncDisposable
{
    /// <summary>How long an answer may take to begin, and to go on.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly UpstreamClient client;

    private RunnerRoom(FakeProvider a, FakeProvider b, WireProtocol protocolA, WireProtocol protocolB,
        TimeProvider time)
    {
        (A, B) = (a, b);
        client = new UpstreamClient(new() { HeaderTimeout = Patience }, time);
        var catalogue = CatalogueParser.Parse($"""
            providers:
            {Provider("a", a, protocolA)}
            {Provider("b", b, protocolB)}
            """, "models.yaml", ModelCatalogue.None).Value!;
        Runner = new ModelRunner(new RunnerParts(client, (_, _) => throw new InvalidOperationException(),
            Memory, () => catalogue, _ => null, time)
        {
            QuietTimeout = Patience,
            Chance = () => 0,
        });
    }

    public FakeProvider A { get; }

    public FakeProvider B { get; }

    public ModelMemory Memory { get; } = new();

    public ModelRunner Runner { get; }

    public static async Task<RunnerRoom> OpenAsync(WireProtocol a = WireProtocol.OpenAi,
        WireProtocol b = WireProtocol.OpenAi, TimeProvider? time = null) =>
        new(await FakeProvider.StartAsync(), await FakeProvider.StartAsync(), a, b,
            time ?? TimeProvider.System);

    public static ModelCall Call(WireProtocol protocol, string asked, string words, bool stream,
        bool hedge = false)
    {
        var more = protocol == WireProtocol.Anthropic ? ""","max_tokens":1000""" : "";
        var body = Encoding.UTF8.GetBytes($$"""
            {"model":"{{asked}}","temperature":0,"stream":{{(stream ? "true" : "false")}}{{more}},
            "messages":[{"role":"user","content":"{{words}}"}]}
            """);
        return new ModelCall(protocol, AnswerKind.Chat, body, asked)
        {
            Outline = CallOutline.Read(body),
            Hedge = hedge,
        };
    }

    public Task<(ModelCallEnd End, string Text)> RunAsync(ModelCall call, IPurse? purse = null,
        string models = "[{ provider: a, model: m }, { provider: b, model: m }]",
        CancellationToken cancel = default) => RunAsync(call, Profile(models), purse, cancel);

    public async Task<(ModelCallEnd End, string Text)> RunAsync(
        ModelCall call, Profile profile, IPurse? purse, CancellationToken cancel = default)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        var end = await Runner.RunAsync(call,
            new ModelCaller(new Tenancy("acme", "web"), profile, null, null, purse),
            call.Stream ? () => pipe.Writer : null, cancel);
        await pipe.Writer.CompleteAsync();
        var streamed = await pipe.Reader.ReadAtLeastAsync(int.MaxValue, CancellationToken.None);
        return (end, call.Stream ? Encoding.UTF8.GetString(streamed.Buffer.ToArray())
            : Encoding.UTF8.GetString(end.Body.Span));
    }

    public static Profile Profile(string models) => ProfileParser.Parse(
        $"providers: {{ a: {{}}, b: {{}} }}\nmodels: {{ reasoning: {models} }}", "profile.yaml").Value!;

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await Memory.DisposeAsync();
        await A.DisposeAsync();
        await B.DisposeAsync();
    }

    private static string Provider(string name, FakeProvider fake, WireProtocol protocol) => $$"""
              {{name}}:
                base_url: {{fake.Url}}
                protocol: {{(protocol == WireProtocol.Anthropic ? "anthropic" : "openai")}}
                auth: { kind: none }
                locality: local
                stream_usage: true
                source: "https://x"
                read: 2026-01-02
                models:
                  m: { kinds: [chat], context_tokens_max: 100_000, in: [text], usd: { input: 1, output: 2 },
                       source: "https://x", read: 2026-01-02 }
        """;
}
