using Aegis.Core.Intents;
using Aegis.Server.Chat;

namespace Aegis.Server.Tests.Chat;

/// <summary>Code is left out of what a founder reads, whatever pieces it comes in.</summary>
public sealed class CodeVeilTests
{
    [Theory]
    [InlineData("It works. ```js\nlet x = `a`;\n``` Done.", "It works. (code) Done.")]
    [InlineData("no code, `just a name` here", "no code, `just a name` here")]
    [InlineData("``` never closed", "(code)")]
    [InlineData("ends with two ``", "ends with two ``")]
    public async Task Code_IsLeftOut_HoweverItIsCut(string answer, string shown)
    {
        for (var size = 1; size <= answer.Length; size++)
        {
            var told = "";
            var veil = new CodeVeil("(code)", words =>
            {
                told += words;
                return ValueTask.CompletedTask;
            });
            foreach (var piece in answer.Chunk(size))
            {
                await veil.SayAsync(new string(piece));
            }
            await veil.EndAsync();
            Assert.Equal((shown, shown), (told, veil.Shown));
        }
    }

    [Fact]
    public void Texts_SayTheSameInBothLanguages()
    {
        Assert.All(ChatTexts.BuiltIn.Texts, t => Assert.Equal(
            Names(t.Value["en"]).Order(), Names(t.Value["es"]).Order()));
        Assert.All(ChatTexts.BuiltIn.Topics, t => Assert.Equal(["en", "es"], t.Says.Keys));
        // what a value holds is never filled in
        Assert.Contains("{run}", ChatTexts.BuiltIn.Say(
            "act_build", "en", ("objective", "{run}"), ("run", "x")), StringComparison.Ordinal);
    }

    private static IEnumerable<string> Names(string text) => text.Split('{').Skip(1)
        .Select(p => p[..p.IndexOf('}', StringComparison.Ordinal)]);
}
