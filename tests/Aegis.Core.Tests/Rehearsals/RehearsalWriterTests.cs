using System.Collections.Immutable;
using Aegis.Core.Rehearsals;

namespace Aegis.Core.Tests.Rehearsals;

/// <summary>What is written is read again as the same, whatever the texts hold.</summary>
public sealed class RehearsalWriterTests
{
    private static readonly string[] Pieces =
    [
        "word", " ", "  ", "\n", "\n\n", "\t", "\r\n", "# no comment", "- no item", "key: value", "'", "\"",
        "\\", "\\n", "{\"a\": [1]}", "|", ">", "%", "@", "`", "&a", "*a", "!t", "null", "true", "1", "~", "---",
        "...", "日本語", "😀", "\u0085", "\u2028", "\ufeff", "\u00a0", "\u0001", "\u007f", "é", "data: {}\n\n", "",
        ": ", " #", "yes", "0x1", "?", ",", "[", "]",
    ];

    [Fact]
    public void Write_AnyTexts_AreReadAgainAsTheSame()
    {
        for (var seed = 0; seed < 400; seed++)
        {
            var file = new Maker(new(seed)).File();
            var yaml = RehearsalWriter.Write(file);
            var read = RehearsalFile.Parse(yaml, "r.yaml");
            Assert.True(read.Ok, $"seed {seed}: {read.Errors.FirstOrDefault()}\n{yaml}");
            Assert.Equal(Said(file), Said(read.Value!));
            Assert.Equal(yaml, RehearsalWriter.Write(read.Value!));
        }
    }

    [Fact]
    public void Write_Conversation_IsReadable()
    {
        var request = new RehearsedRequest
        {
            System = [new("Be brief.")],
            Messages = [new(false, [new RehearsedSaying(new("Look at\nboth lines."))])],
            Tools = [new("look", "Looks.", """{"type":"object"}""")],
            Temperature = 0.1,
        };
        var answer = new RehearsedAnswer([new RehearsedCall("call_1", "look", """{"at": "here"}""")],
            new(12, 3)) { Finish = RehearsedFinish.ToolCalls, Model = "m-1" };
        var turn = new RehearsedTurn("builder", 2, null, null, request, answer, 0.0004m)
        {
            Faults = [new(FaultKind.Status, FaultPlace.Everywhere with { Tries = [1] }, 429,
                TimeSpan.FromSeconds(2))],
        };
        var file = new RehearsalFile("recorded", [turn]) { Mode = RehearsalMode.Strict };
        Assert.Equal("""
            origin: recorded
            mode: strict
            turns:
              - role: builder
                turn: 2
                request:
                  system:
                    - Be brief.
                  messages:
                    - role: user
                      content: |-
                        Look at
                        both lines.
                  tools:
                    - name: look
                      description: Looks.
                      parameters: '{"type":"object"}'
                  temperature: 0.1
                answer:
                  content:
                    - call:
                        id: call_1
                        name: look
                        arguments: '{"at": "here"}'
                  finish: tool_calls
                  model: m-1
                  usage: { input: 12, output: 3 }
                cost_usd: 0.0004
                faults:
                  - at: { try: [1] }
                    status: 429
                    retry_after: 2

            """, RehearsalWriter.Write(file));
    }

    private static string Said(RehearsalFile file) => System.Text.Json.JsonSerializer.Serialize(file with
    {
        Turns = [],
    }) + string.Join('\n', file.Turns.Select(turn => System.Text.Json.JsonSerializer.Serialize(turn with
    {
        Request = null,
        Answer = turn.Answer with { Content = null },
    }) + Lines(turn.Request!) + Lines(new()
    {
        Messages = turn.Answer.Content is { } content ? [new(true, content)] : [],
    })));

    private static string Lines(RehearsedRequest request) => string.Join('\n', RequestLines.Of(request));

    private sealed class Maker(Random random)
    {
        public RehearsalFile File() => new("recorded", [.. Many(4, Turn)])
        {
            Mode = RehearsalMode.Strict,
            Faults = [.. Many(3, Fault)],
        };

        private RehearsedTurn Turn() => new("role", random.Next(1, 9), null, random.Next(2) == 0 ? Text() : null,
            Request(), new([.. Many(4, AnswerPart)], random.Next(2) == 0 ? new(1, 2, 3, 4, 5) : null)
            {
                Finish = (RehearsedFinish)random.Next(5),
                StoppedAt = Text(),
                Id = Text(),
                Sent = random.Next(2) == 0 ? new(random.Next(2) == 0, random.Next(2) == 0, Text()) : null,
            }, random.Next(100) / 1000m) { Faults = [.. Many(2, Fault)] };

        private RehearsedRequest Request() => new()
        {
            System = [.. Many(2, () => new RehearsedText(Text()))],
            Messages = [.. Many(4, () => new RehearsedMessage(random.Next(2) == 0, [.. Many(3, Part)]))],
            Tools = [.. Many(2, () => new RehearsedTool(Text(), Text(), """{"type": "object"}""", true))],
            ToolChoice = random.Next(2) == 0 ? new("named", Text(), false) : null,
            Format = random.Next(2) == 0 ? new(Text(), "{}") : null,
            Stop = [.. Many(2, Text)],
            Temperature = random.Next(20) / 10d,
            Rest = ImmutableSortedDictionary<string, string>.Empty.Add("seed", "1"),
        };

        private RehearsedPart Part() => random.Next(4) switch
        {
            0 => new RehearsedImage(Text(), "image/png"),
            1 => new RehearsedResult(Text(), [new RehearsedSaying(new(Text()))], random.Next(2) == 0),
            2 => new RehearsedSaying(new RehearsedText(Text(), "abc")),
            _ => AnswerPart(),
        };

        private RehearsedPart AnswerPart() => random.Next(3) switch
        {
            0 => new RehearsedCall(Text(), Text(), Text()),
            1 => new RehearsedReasoning(Text(), Text(), random.Next(2) == 0),
            _ => new RehearsedSaying(new(Text())),
        };

        private RehearsedFault Fault()
        {
            var fault = new RehearsedFault((FaultKind)random.Next(1, 11), FaultPlace.Everywhere with
            {
                Tries = random.Next(2) == 0 ? [] : [1, 3],
                Provider = random.Next(2) == 0 ? null : "p",
            }) { First = TimeSpan.FromMilliseconds(random.Next(2) * 5) };
            return fault.Kind switch
            {
                FaultKind.Status => fault with { Status = 429, RetryAfter = TimeSpan.FromSeconds(1.5) },
                >= FaultKind.DisconnectAfter and <= FaultKind.GarbageAfter =>
                    fault with { After = new(random.Next(9), random.Next(2) == 0) },
                _ => fault,
            };
        }

        private string Text() => string.Concat(Many(6, () => Pieces[random.Next(Pieces.Length)]));

        private IEnumerable<T> Many<T>(int most, Func<T> make) =>
            Enumerable.Range(0, random.Next(most + 1)).Select(_ => make()).ToList();
    }
}
