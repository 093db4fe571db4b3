using System.Collections.Immutable;
using Aegis.Core.Rehearsals;

namespace Aegis.Core.Tests.Rehearsals;

/// <summary>Makes rehearsals whose texts are as unruly as texts can be, the same ones for the same
/// seed.</summary>
internal sealed class RehearsalMaker(Random random)
{
    private static readonly string[] Pieces =
    [
        "word", " ", "  ", "\n", "\n\n", "\t", "\r\n", "# no comment", "- no item", "key: value", "'", "\"",
        "\\", "\\n", "{\"a\": [1]}", "|", ">", "%", "@", "`", "&a", "*a", "!t", "null", "true", "1", "~",
        "---", "...",
        "日本語", "😀", "\u0085", "\u2028", "\ufeff", "\u00a0", "\u0001", "\u007f", "é", "data: {}\n\n",
        "",
        ": ", " #", "yes", "0x1", "?", ",", "[", "]",
    ];

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
