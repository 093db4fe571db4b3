using System.Text.Json;

namespace Aegis.Tests.Shared.Fakes;

/// <summary>What the fake says to a question: an echo, a tool call where the last message says
/// <c>call NAME {…}</c>, or a JSON object where one is asked for.</summary>
internal sealed record FakeReply(string Text, string? Tool, string Arguments, bool IsCut)
{
    public int Tokens => FakeQuestion.Words(Text + Arguments);

    public static FakeReply To(FakeQuestion question, string? reply)
    {
        if (question.ToolResult is { } result)
        {
            return Plain(question, $"The tool said: {result}");
        }
        var words = question.LastText.Split(' ', 3);
        if (words is ["call", var name, ..] && question.Tools.Contains(name))
        {
            return new("", name, words.Length > 2 ? words[2] : "{}", false);
        }
        var text = reply ?? (question.Images > 0 ? $"I see {question.Images} image(s). " : "")
            + $"You said: {question.LastText}";
        if (question.WantsJson)
        {
            text = $$"""{"echo":{{JsonSerializer.Serialize(question.LastText)}}}""";
        }
        return Plain(question, text);
    }

    /// <summary>The text as a stream brings it, a word at a time.</summary>
    public IEnumerable<string> Pieces()
    {
        for (var at = 0; at < Text.Length;)
        {
            var end = Text.IndexOf(' ', at + 1);
            end = end < 0 ? Text.Length : end;
            yield return Text[at..end];
            at = end;
        }
    }

    /// <summary>The arguments as a stream brings them, in two halves.</summary>
    public IEnumerable<string> ArgumentPieces() =>
        Arguments.Length < 2 ? [Arguments]
            : [Arguments[..(Arguments.Length / 2)], Arguments[(Arguments.Length / 2)..]];

    private static FakeReply Plain(FakeQuestion question, string text)
    {
        // where it is asked to go on with its own words, it leaves out what it has said
        if (question.Prefill is { Length: > 0 } before && text.StartsWith(before, StringComparison.Ordinal))
        {
            text = text[before.Length..];
        }
        var isCut = question.MaxTokens is { } most && FakeQuestion.Words(text) > most;
        var said = isCut ? text[..Math.Min(text.Length, question.MaxTokens!.Value * 4)] : text;
        return new(said, null, "", isCut);
    }
}
