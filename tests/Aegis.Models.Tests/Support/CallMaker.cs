using System.Collections.Immutable;
using Aegis.Models.Protocols;

namespace Aegis.Models.Tests.Support;

/// <summary>Makes calls that both protocols can say, the same ones for the same seed.</summary>
internal sealed class CallMaker(int seed)
{
    private static readonly string[] Words =
        ["alpha", "Ünïcödé", "quote\" and \\", "line\nbreak", "tab\t", "日本語", "😀", "{\"json\":1}", "</tag>"];

    private readonly Random random = new(seed);
    private int calls;

    public ChatCall Make() => new()
    {
        Model = "model-" + random.Next(9),
        System = [.. Many(3, () => new TextPart(Text()) { Mark = Mark() })],
        Messages = [.. Conversation()],
        Tools = [.. Many(3, Tool).DistinctBy(tool => tool.Name)],
        ToolChoice = Choice(),
        Format = Maybe(() => new AnswerFormat("answer", """{"type":"object","properties":{"a":{}}}""")),
        Temperature = MaybeNumber(),
        TopP = MaybeNumber(),
        Stop = [.. Many(3, Text)],
        MaxTokens = random.Next(1, 100_000),
        Stream = Flag(),
        StreamUsage = true,
        User = Maybe(() => "user-" + random.Next(9)),
    };

    private IEnumerable<ChatMessage> Conversation()
    {
        for (var turns = random.Next(1, 5); turns > 0; turns--)
        {
            yield return new(ChatRole.User, [.. Many(3, UserPart), new TextPart(Text())]);
            if (Flag())
            {
                var asked = Many(3, () => new ToolCallPart($"call_{calls++}", "tool_" + random.Next(3),
                    $$"""{"q":{{random.Next(99)}},"s":"é\"{{random.Next(9)}}"}""")).ToList();
                yield return new(ChatRole.Assistant,
                    [.. asked.Count == 0 || Flag() ? [new TextPart(Text())] : (ChatPart[])[], .. asked]);
                if (asked.Count > 0)
                {
                    yield return new(ChatRole.User, [.. asked.Select(Result)]);
                }
            }
        }
    }

    private ChatPart Result(ToolCallPart call) =>
        new ToolResultPart(call.Id, [.. Many(2, () => (ChatPart)new TextPart(Text())), new TextPart(Text())])
        {
            Mark = Mark(),
        };

    private ChatPart UserPart() => random.Next(4) switch
    {
        0 => new ImagePart("https://example.com/a.png?b=" + random.Next(9)) { Mark = Mark() },
        1 => new ImagePart(Convert.ToBase64String([1, 2, (byte)random.Next(255)]), "image/png"),
        _ => new TextPart(Text()) { Mark = Mark() },
    };

    private ChatTool Tool() => new("tool_" + random.Next(3), Maybe(Text),
        $$"""{"type":"object","properties":{"q":{"type":"number","minimum":{{random.Next(9)}} } } }""",
        Flag() ? Flag() : null)
    {
        Mark = Mark(),
    };

    private ToolChoice? Choice() => random.Next(5) switch
    {
        0 => null,
        1 => new(ToolChoiceKind.Any, Parallel: Flag()),
        2 => new(ToolChoiceKind.Named, "tool_0"),
        3 => new(ToolChoiceKind.None),
        _ => new(ToolChoiceKind.Auto, Parallel: Flag()),
    };

    private CacheMark Mark() => random.Next(8) switch
    {
        0 => CacheMark.Short,
        1 => CacheMark.Long,
        _ => CacheMark.None,
    };

    private double? MaybeNumber() => Flag() ? random.Next(0, 100) / 100d : null;

    private bool Flag() => random.Next(2) == 0;

    private T? Maybe<T>(Func<T> make)
        where T : class => Flag() ? make() : null;

    private string Text() => string.Join(' ', Enumerable.Range(0, random.Next(1, 5))
        .Select(_ => Words[random.Next(Words.Length)]));

    private IEnumerable<T> Many<T>(int most, Func<T> make) =>
        Enumerable.Range(0, random.Next(most + 1)).Select(_ => make());
}
