using System.Text;
using Aegis.Core.Rehearsals;
using Aegis.Models.Calls;
using Aegis.Models.Protocols;
using Aegis.Models.Protocols.Streams;
using Aegis.Models.Rehearsals;
using Aegis.Models.Tests.Support;
using Aegis.Models.Upstreams;
using Aegis.Tests.Shared.Fakes;

namespace Aegis.Models.Tests.Rehearsals;

/// <summary>What is recorded of the fake provider is said again, to the byte.</summary>
public sealed class RecorderTests : IDisposable
{
    private const string Key = "fake-key";
    private readonly UpstreamClient _client = new();

    public static TheoryData<WireProtocol, bool, string> Conversations => new()
    {
        { WireProtocol.OpenAi, false, "Grüße, \"wie\" geht's?\n\n  gut: ja # so" },
        { WireProtocol.OpenAi, true, "Grüße, \"wie\" geht's?\n\n  gut: ja # so" },
        { WireProtocol.Anthropic, false, "Grüße, \"wie\" geht's?\n\n  gut: ja # so" },
        { WireProtocol.Anthropic, true, "Grüße, \"wie\" geht's?\n\n  gut: ja # so" },
        { WireProtocol.OpenAi, false, "call look {\"q\": 1}" },
        { WireProtocol.OpenAi, true, "call look {\"q\": 1}" },
        { WireProtocol.Anthropic, false, "call look {\"q\": 1}" },
        { WireProtocol.Anthropic, true, "call look {\"q\": 1}" },
    };

    public void Dispose() => _client.Dispose();

    [Theory, MemberData(nameof(Conversations))]
    public async Task Recorded_ReplayedStrictly_IsEqualToTheByte(WireProtocol protocol, bool stream,
        string said)
    {
        await using var fake = await FakeProvider.StartAsync();
        var call = FakeStreams.Call(protocol, said, stream);
        var target = FakeStreams.Target(fake, protocol);
        var (direct, _) = await Rehearsed.AskAsync(_client, target, call);
        var recording = new Recording();
        var (passed, _) = await RecordAsync(recording, target, call);
        Assert.Equal(direct, passed);
        var file = Rehearsed.File(recording.ToYaml());
        Assert.Equal(("recorded", RehearsalMode.Strict), (file.Origin, file.Mode));
        Assert.DoesNotContain(Key, recording.ToYaml());
        var (again, failure) = await Rehearsed.AskAsync(Open(file), Rehearsed.Target(protocol), call);
        Assert.Null(failure);
        Assert.Equal(Encoding.UTF8.GetString(direct!), Encoding.UTF8.GetString(again!));
    }

    [Theory, MemberData(nameof(Conversations))]
    public async Task Recorded_ReplayedInTheOtherForms_SaysTheSame(WireProtocol protocol, bool stream,
        string said)
    {
        await using var fake = await FakeProvider.StartAsync();
        var recording = new Recording();
        await RecordAsync(recording, FakeStreams.Target(fake, protocol),
            FakeStreams.Call(protocol, said, stream));
        var file = Rehearsed.File(recording.ToYaml());
        foreach (var other in (WireProtocol[])[WireProtocol.OpenAi, WireProtocol.Anthropic])
        {
            var (whole, _) = await Rehearsed.AskAsync(Open(file), Rehearsed.Target(other),
                FakeStreams.Call(other, said, false));
            var answer = Rehearsed.Answer(whole!, other);
            Assert.Equal(AnswerForms.Says(file.Turns[0], Rehearsed.Target(other)), answer);
            var (events, _) = await Rehearsed.AskAsync(Open(file), Rehearsed.Target(other),
                FakeStreams.Call(other, said, true));
            var read = StreamedAnswer.Read(events, other);
            Assert.True(read.IsDone);
            Assert.Equal(answer, read.Answer);
        }
    }

    [Fact]
    public async Task Conversation_OfSeveralTurns_IsNumberedAndFoundByWhatIsSaid()
    {
        await using var fake = await FakeProvider.StartAsync();
        var target = FakeStreams.Target(fake, WireProtocol.OpenAi);
        var recording = new Recording();
        byte[][] calls =
            [Rehearsed.Chat(false, "one"), Rehearsed.Chat(false, "one", "You said: one", "two")];
        await RecordAsync(recording, target, calls[0]);
        recording = Recording.Resume(Rehearsed.File(recording.ToYaml()));
        await RecordAsync(recording, target, calls[1]);
        var file = Rehearsed.File(recording.ToYaml());
        Assert.Equal([("user", 1), ("user", 2)], file.Turns.Select(turn => (turn.Role, turn.Turn)));
        var (body, _) = await Rehearsed.AskAsync(Open(file), Rehearsed.Target(WireProtocol.OpenAi), calls[1]);
        Assert.Equal("You said: two", Rehearsed.Answer(body!, WireProtocol.OpenAi).Text);
        var (_, failure) = await Rehearsed.AskAsync(Open(file), Rehearsed.Target(WireProtocol.OpenAi),
            Rehearsed.Chat(false, "one", "You said: one", "three"));
        Assert.Equal("AEGIS2334", failure!.Own!.Code);
    }

    [Fact]
    public async Task Faults_OfTries_HappenAgain()
    {
        await using var fake = await FakeProvider.StartAsync();
        fake.Script(FakeFault.Status(429, "2"), new(FakeFaultKind.Garbage), new(FakeFaultKind.Cut, 40),
            FakeFault.None);
        var target = FakeStreams.Target(fake, WireProtocol.OpenAi);
        var call = Rehearsed.Chat(false, "hi");
        var recording = new Recording();
        using (var recorder = new Recorder(_client, recording, "builder", 3))
        {
            for (var tries = 0; tries < 4; tries++)
            {
                await Rehearsed.AskAsync(recorder, target, call);
            }
        }
        var turn = Assert.Single(Rehearsed.File(recording.ToYaml()).Turns);
        Assert.Equal(("builder", 3, "You said: hi"), (turn.Role, turn.Turn, turn.Answer.Text));
        Assert.Equal([(FaultKind.Status, 1), (FaultKind.Garbage, 2), (FaultKind.DisconnectAfter, 3)],
            turn.Faults.Select(fault => (fault.Kind, fault.At.Tries.Single())));
        Assert.Equal((429, TimeSpan.FromSeconds(2)), (turn.Faults[0].Status, turn.Faults[0].RetryAfter));
        Assert.Equal(new FaultPoint(40, false), turn.Faults[2].After);
    }

    [Theory]
    [InlineData(WireProtocol.OpenAi)]
    [InlineData(WireProtocol.Anthropic)]
    public async Task StreamThatBroke_AndWasGoneOnWith_IsOneAnswer(WireProtocol protocol)
    {
        await using var fake = await FakeProvider.StartAsync();
        fake.Script(new FakeFault(FakeFaultKind.StreamError, 6), FakeFault.None);
        var call = ChatTranslation.ReadCall(FakeStreams.Call(protocol, "one two three four five six"),
            protocol);
        var recording = new Recording();
        using var to = new MemoryStream();
        var relay = StreamText.Relay(protocol, to);
        using (var recorder = new Recorder(_client, recording, null, null))
        {
            await RelayAsync(recorder, FakeStreams.Target(fake, protocol), call, relay, RecoveryKind.Fresh);
            // the fake goes on where it is told to, as the last word of its own
            var rest = StreamRecovery.Continuing(call, relay.Given, new() { Prefill = true });
            await RelayAsync(recorder, FakeStreams.Target(fake, protocol), rest, relay,
                RecoveryKind.Continue);
            await relay.CompleteAsync(default);
        }
        const string Whole = "You said: one two three four five six";
        Assert.Equal(Whole, StreamText.Read(to.ToArray(), protocol).Text);
        var file = Rehearsed.File(recording.ToYaml());
        var turn = Assert.Single(file.Turns);
        Assert.Equal((Whole, "one two three four five six"), (turn.Answer.Text, turn.Request!.Prompt));
        var fault = Assert.Single(turn.Faults);
        Assert.Equal((FaultKind.ErrorAfter, new FaultPoint(6, true)), (fault.Kind, fault.After));

        using var again = new MemoryStream();
        relay = StreamText.Relay(protocol, again);
        var upstream = Open(file);
        await RelayAsync(upstream, Rehearsed.Target(protocol), call, relay, RecoveryKind.Fresh);
        Assert.InRange(relay.Given.TextChars, 1, Whole.Length - 1);
        await RelayAsync(upstream, Rehearsed.Target(protocol),
            StreamRecovery.Continuing(call, relay.Given, new()), relay, RecoveryKind.Continue);
        await relay.CompleteAsync(default);
        Assert.Equal(Whole, StreamText.Read(again.ToArray(), protocol).Text);
    }

    [Fact]
    public async Task CallWithoutAnAnswer_FailsAgain()
    {
        await using var fake = await FakeProvider.StartAsync(new() { Key = "another" });
        var recording = new Recording();
        await RecordAsync(recording, FakeStreams.Target(fake, WireProtocol.OpenAi),
            Rehearsed.Chat(false, "hi"));
        var (body, failure) = await Rehearsed.AskAsync(Open(Rehearsed.File(recording.ToYaml())),
            Rehearsed.Target(WireProtocol.OpenAi), Rehearsed.Chat(false, "hi"));
        Assert.Null(body);
        Assert.Equal(401, failure!.Status);
        Assert.DoesNotContain(Key, recording.ToYaml());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Secrets_NeverReachTheFile_AndWhatIsMaskedStandsForAnything(bool stream)
    {
        const string Secret = "pa\"ss word";
        await using var fake = await FakeProvider.StartAsync();
        var recording = new Recording([Secret]);
        var target = FakeStreams.Target(fake, WireProtocol.OpenAi);
        var call = FakeStreams.Call(WireProtocol.OpenAi, $"Ann, say {Secret} and {Key} now", stream);
        using (var recorder = new Recorder(_client, recording, null, null,
            mask: text => text.Replace("Ann", "***")))
        {
            await Rehearsed.AskAsync(recorder, target, call);
        }
        var yaml = recording.ToYaml();
        foreach (var hidden in (string[])["ss word", Key, "Ann", "word\""])
        {
            Assert.DoesNotContain(hidden, yaml);
        }
        var file = Rehearsed.File(yaml);
        Assert.Equal("You said: ***, say *** and *** now", file.Turns[0].Answer.Text);
        Assert.Null(file.Turns[0].Answer.Sent);
        var (_, failure) = await Rehearsed.AskAsync(Open(file), Rehearsed.Target(WireProtocol.OpenAi), call);
        Assert.Null(failure);
    }

    [Fact]
    public async Task Embeddings_AreSaidAgain()
    {
        await using var fake = await FakeProvider.StartAsync();
        var body = """{"model":"e-1","input":["a","b"],"encoding_format":"float"}"""u8.ToArray();
        var recording = new Recording();
        var (direct, _) = await RecordAsync(recording, FakeStreams.Target(fake, WireProtocol.OpenAi), body,
            UpstreamPath.Embeddings);
        var upstream = Open(Rehearsed.File(recording.ToYaml()));
        var target = Rehearsed.Target(WireProtocol.OpenAi);
        var (again, _) = await Rehearsed.AskAsync(upstream, target,
            """{"encoding_format": "float", "input": ["a", "b"], "model": "e-2"}"""u8.ToArray(),
            UpstreamPath.Embeddings);
        Assert.Equal(direct, again);
        var (_, failure) = await Rehearsed.AskAsync(upstream, target,
            """{"model":"e-1","input":["a","c"],"encoding_format":"float"}"""u8.ToArray(),
            UpstreamPath.Embeddings);
        Assert.Equal("AEGIS2334", failure!.Own!.Code);
        Assert.Contains("input[1]", failure.Own.Message);
    }

    [Fact]
    public async Task Transcriptions_AreFoundByTheSoundsHash()
    {
        await using var fake = await FakeProvider.StartAsync();
        var recording = new Recording();
        var (direct, _) = await RecordAsync(recording, FakeStreams.Target(fake, WireProtocol.OpenAi),
            Form("one", "la la"), UpstreamPath.Transcriptions, "multipart/form-data; boundary=one");
        var upstream = Open(Rehearsed.File(recording.ToYaml()));
        var target = Rehearsed.Target(WireProtocol.OpenAi);
        var (again, _) = await Rehearsed.AskAsync(upstream, target, Form("two", "la la"),
            UpstreamPath.Transcriptions, "multipart/form-data; boundary=two");
        Assert.Equal(direct, again);
        var (_, failure) = await Rehearsed.AskAsync(upstream, target, Form("two", "la lu"),
            UpstreamPath.Transcriptions, "multipart/form-data; boundary=two");
        Assert.Contains("file", failure!.Own!.Message);
    }

    [Fact]
    public async Task Recording_IsFullAtItsLimit_AndSaysSo()
    {
        await using var fake = await FakeProvider.StartAsync(new() { Reply = new string('x', 200_000) });
        var recording = new Recording();
        for (var calls = 0; calls < 25 && recording.LeftOut == 0; calls++)
        {
            var call = ChatTranslation.ReadCall(Rehearsed.Chat(false, $"call {calls}"), WireProtocol.OpenAi);
            await RecordAsync(recording, FakeStreams.Target(fake, WireProtocol.OpenAi),
                ChatTranslation.WriteCall(
                call with { MaxTokens = 100_000 }, WireProtocol.OpenAi, new()));
        }
        Assert.Equal(1, recording.LeftOut);
        Assert.InRange(recording.Turns, 5, 20);
        Assert.Contains("# 1 more calls found no room", recording.ToYaml());
        Assert.Equal(recording.Turns, Rehearsed.File(recording.ToYaml()).Turns.Length);
    }

    [Fact]
    public async Task Answer_TooLongForAnyFile_PassesAndIsCounted()
    {
        await using var fake = await FakeProvider.StartAsync(new() { Reply = new string('x', 2_000_000) });
        var call = ChatTranslation.ReadCall(Rehearsed.Chat(false, "hi"), WireProtocol.OpenAi);
        var recording = new Recording();
        var (body, _) = await RecordAsync(recording, FakeStreams.Target(fake, WireProtocol.OpenAi),
            ChatTranslation.WriteCall(call with { MaxTokens = 1_000_000 }, WireProtocol.OpenAi, new()));
        Assert.Equal(2_000_000, Rehearsed.Answer(body!, WireProtocol.OpenAi).Text.Length);
        Assert.Equal((0, 1), (recording.Turns, recording.LeftOut));
        Assert.Empty(Rehearsed.File(recording.ToYaml()).Turns);
    }

    [Fact]
    public async Task CallerWhoWentAway_IsNoFault()
    {
        await using var fake = await FakeProvider.StartAsync();
        fake.Script(new FakeFault(FakeFaultKind.Slow, 60_000));
        var recording = new Recording();
        using var gone = new CancellationTokenSource();
        using (var recorder = new Recorder(_client, recording, null, null))
        {
            using var answer = await recorder.SendAsync(FakeStreams.Target(fake, WireProtocol.OpenAi),
                UpstreamPath.Chat, FakeStreams.Call(WireProtocol.OpenAi, "one two"), gone.Token);
            var buffer = new byte[1000];
            _ = await answer.Body!.ReadAsync(buffer, gone.Token);
            var reading = answer.Body.ReadAsync(buffer, gone.Token);
            await gone.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await reading);
        }
        Assert.Equal(0, recording.Turns);
    }

    [Fact]
    public async Task WordsOfARehearsal_AreNotRecorded()
    {
        var recording = new Recording();
        using var recorder = new Recorder(Rehearsed.Open("""
            origin: scripted
            turns: [{reply: x, cost_usd: 0.5}]
            """), recording, null, null);
        var (body, _) = await Rehearsed.AskAsync(recorder, Rehearsed.Target(WireProtocol.OpenAi),
            Rehearsed.Chat(false, "hi"));
        Assert.NotNull(body);
        Assert.Equal((0, "scripted", 0.5m), (recording.Turns, recorder.Origin, recorder.Priced!.Value.Usd));
    }

    [Fact]
    public async Task Runner_CallerWhoRecords_GetsTheTurnWithItsTriesAndCost()
    {
        await using var fake = await FakeProvider.StartAsync();
        fake.Script(FakeFault.Status(503, "0"), FakeFault.None);
        var profile = Core.Profiles.ProfileParser.Parse($$"""
            providers:
              house: { base_url: "{{fake.Url}}" }
            models:
              reasoning:
                provider: house
                model: m-1
                price: {input_usd_per_million: 1, output_usd_per_million: 1000}
            """, "p").Value!;
        var recording = new Recording();
        using var door = new ModelDoor(_ => null);
        var by = new ModelCaller(new("acme", "web"), profile, null, null, null)
        {
            Recording = recording,
        };
        var reply = await door.ChatAsync(by, new([new("user", "hello")], Role: "builder", Turn: 2), default);
        var turn = Assert.Single(Rehearsed.File(recording.ToYaml()).Turns);
        Assert.Equal(("builder", 2, "You said: hello", reply.CostUsd),
            (turn.Role, turn.Turn, turn.Answer.Text, turn.CostUsd));
        Assert.Equal((FaultKind.Status, 503), (turn.Faults.Single().Kind, turn.Faults.Single().Status));
        Assert.True(reply.CostUsd > 0);

        // and the runner says the same again, the failed try included
        var again = await door.ChatAsync(by with
        {
            Profile = profile with { Rehearsal = "r.yaml" },
            Rehearsal = Rehearsed.File(recording.ToYaml()),
        }, new([new("user", "hello")], Role: "builder", Turn: 2), default);
        Assert.Equal(reply with { Origin = "recorded" }, again);
        Assert.Equal(1, recording.Turns);
    }

    [Fact]
    public async Task Recorded_Cost_IsThatOfItsTokens()
    {
        await using var fake = await FakeProvider.StartAsync();
        var recording = new Recording();
        using (var recorder = new Recorder(_client, recording, null, null,
            (target, usage) => target.Model == "fake-1" ? usage.Output * 0.000002m : null))
        {
            await Rehearsed.AskAsync(recorder, FakeStreams.Target(fake, WireProtocol.OpenAi),
                Rehearsed.Chat(false, "hi"));
        }
        var file = Rehearsed.File(recording.ToYaml());
        Assert.Equal(file.Turns[0].Answer.Usage!.Output * 0.000002m, file.Turns[0].CostUsd);
        var upstream = Open(file);
        await Rehearsed.AskAsync(upstream, Rehearsed.Target(WireProtocol.OpenAi),
            Rehearsed.Chat(false, "hi"));
        Assert.Equal(file.Turns[0].CostUsd, upstream.Priced!.Value.Usd);
    }

    private static RehearsalUpstream Open(RehearsalFile file) =>
        RehearsalUpstream.Open(file, null, null, TimeProvider.System, Rehearsed.Patience(null));

    private async Task<(byte[]? Body, UpstreamFailure? Failure)> RecordAsync(Recording recording,
        UpstreamTarget target, byte[] body, UpstreamPath path = UpstreamPath.Chat,
        string type = "application/json")
    {
        using var recorder = new Recorder(_client, recording, null, null);
        return await Rehearsed.AskAsync(recorder, target, body, path, type);
    }

    private static async Task RelayAsync(IUpstream upstream, UpstreamTarget target, ChatCall call,
        StreamRelay relay, RecoveryKind kind)
    {
        using var answer = await upstream.SendAsync(target, UpstreamPath.Chat,
            ChatTranslation.WriteCall(call, target.Protocol, new()), default);
        await relay.RunAsync(answer.Body!, target.Protocol, kind, StreamText.Quiet, default);
    }

    private static byte[] Form(string boundary, string sound) => Encoding.UTF8.GetBytes(
        $"--{boundary}\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nw-1\r\n"
        + $"--{boundary}\r\nContent-Disposition: form-data; name=\"language\"\r\n\r\nen\r\n"
        + $"--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\n"
        + $"{sound}\r\n"
        + $"--{boundary}--\r\n");
}
