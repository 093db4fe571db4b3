using System.IO.Pipelines;
using System.Text;
using Aegis.Core.Catalogue;
using Aegis.Core.Profiles;
using Aegis.Core.Rehearsals;
using Aegis.Core.Runs.Models;
using Aegis.Models.Calls;
using Aegis.Models.Learning;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Bodies;
using Aegis.Models.Rehearsals;
using Aegis.Models.Tests.Support;

namespace Aegis.Models.Tests.Rehearsals;

/// <summary>Every fault of the file through router, fallback and streaming: the client gets the answer once
/// and whole, or is told that the call is wrong.</summary>
public sealed class RunnerFaultTests
{
    private const string Said = "One two three four five six seven eight nine ten.";
    private static readonly RehearsalFile Faults = Rehearsed.File(Rehearsed.Shared("faults.yaml"));

    // the call itself is said to be wrong, which no other provider mends
    private static readonly string[] Final = ["status-400"];

    private static readonly Profile Profile = ProfileParser.Parse("""
        rehearsal: faults.yaml
        models:
          reasoning: [{ provider: one, model: m-1 }, { provider: two, model: m-2 }]
        """, "p").Value!;

    [Theory]
    [InlineData(WireProtocol.OpenAi, false)]
    [InlineData(WireProtocol.OpenAi, true)]
    [InlineData(WireProtocol.Anthropic, false)]
    [InlineData(WireProtocol.Anthropic, true)]
    public async Task EveryFault_LosesAndDuplicatesNothing(WireProtocol client, bool stream)
    {
        foreach (var role in Faults.Turns.Select(turn => turn.Role))
        {
            using var to = new MemoryStream();
            var end = await RunAsync(role, client, stream, to);
            if (Final.Contains(role))
            {
                Assert.Equal((ModelUse.Failed, 400), (end.Use!.Outcome, end.Failure!.Status));
                continue;
            }
            Assert.True(end.Error is null, $"{role}: {end.Error}");
            var text = stream && end.Body.IsEmpty ? Read(to.ToArray(), client)
                : Rehearsed.Answer(end.Body.ToArray(), client).Text;
            Assert.True(text == Said, $"{role}: {text}");
            Assert.Equal((ModelUse.Answered, "scripted"), (end.Use!.Outcome, end.Use.Origin));
            // a whole answer is one event, and has none to lose behind it
            var isHarmless = role == "slow" || (role == "truncate-after-events" && !stream);
            Assert.True(isHarmless || end.Use.Tries is [_, ..], $"{role}: nothing went wrong");
        }
    }

    private static string Read(byte[] stream, WireProtocol client)
    {
        var read = StreamText.Read(stream, client);
        Assert.True(read.IsWhole, Encoding.UTF8.GetString(stream));
        return read.Text;
    }

    private static async Task<ModelCallEnd> RunAsync(string role, WireProtocol client, bool stream,
        MemoryStream to)
    {
        var runner = new ModelRunner(new RunnerParts(null!,
            (file, call) => RehearsalUpstream.Open(file, call, TimeProvider.System,
                Rehearsed.Patience(role)),
            new ModelMemory(), () => ModelCatalogue.BuiltIn, _ => null, TimeProvider.System)
        {
            QuietTimeout = Rehearsed.Patience(role).QuietTimeout,
            Chance = () => 0,
        });
        var body = Rehearsed.Chat(stream, "count");
        var pipe = PipeWriter.Create(to, new StreamPipeWriterOptions(leaveOpen: true));
        return await runner.RunAsync(new ModelCall(client, AnswerKind.Chat, body, "reasoning")
        {
            Outline = CallOutline.Read(body),
            Agent = role,
        }, new ModelCaller(new("acme", "web"), Profile, Faults, null, null),
            stream ? () => pipe : null, default);
    }
}
