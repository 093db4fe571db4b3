using System.Text.Json;
using Aegis.Core.Rehearsals;

namespace Aegis.Core.Tests.Rehearsals;

/// <summary>What is written is read again as the same, whatever the texts hold.</summary>
public sealed class RehearsalWriterTests
{
    [Fact]
    public void Write_AnyTexts_AreReadAgainAsTheSame()
    {
        for (var seed = 0; seed < 400; seed++)
        {
            var file = new RehearsalMaker(new(seed)).File();
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

    private static string Said(RehearsalFile file) => JsonSerializer.Serialize(file with
    {
        Turns = [],
    }) + string.Join('\n', file.Turns.Select(turn => JsonSerializer.Serialize(turn with
    {
        Request = null,
        Answer = turn.Answer with { Content = null },
    }) + Lines(turn.Request!) + Lines(new()
    {
        Messages = turn.Answer.Content is { } content ? [new(true, content)] : [],
    })));

    private static string Lines(RehearsedRequest request) => string.Join('\n', RequestLines.Of(request));
}
