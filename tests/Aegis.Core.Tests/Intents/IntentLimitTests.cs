using Aegis.Core.Discovery;
using Aegis.Core.Intents;

namespace Aegis.Core.Tests.Intents;

/// <summary>What is read of the words and of a sentence, at each bound and one past it.</summary>
public sealed class IntentLimitTests
{
    private static DetectedIntent Detect(string text) => IntentDetector.BuiltIn.Detect(text);

    [Fact]
    public void Files_AtTheirBounds_AndPast()
    {
        Assert.Empty(IntentBookParser.Parse(
            Padded("intents.yaml", IntentBookParser.CharsMax), "intents.yaml").Errors);
        Assert.NotEmpty(IntentBookParser.Parse(
            Padded("intents.yaml", IntentBookParser.CharsMax + 1), "intents.yaml").Errors);
        Assert.Empty(ChatTexts.Parse(Padded("chat.yaml", ChatTexts.CharsMax), "chat.yaml").Errors);
        Assert.NotEmpty(ChatTexts.Parse(Padded("chat.yaml", ChatTexts.CharsMax + 1), "chat.yaml").Errors);

        static string Padded(string name, int chars)
        {
            var text = ShippedText.Of(name) + "\n#";
            return text + new string('x', chars - text.Length);
        }
    }

    [Theory]
    [InlineData(IntentBookParser.PhraseCharsMax, true)]
    [InlineData(IntentBookParser.PhraseCharsMax + 1, false)]
    public void Phrase_AtItsBound_AndPast(int chars, bool isFine) => Assert.Equal(isFine,
        IntentBookParser.Parse(ShippedText.Of("intents.yaml").Replace("polite: [please",
            $"polite: [{new string('a', chars)}, please", StringComparison.Ordinal), "p").Errors.IsEmpty);

    [Theory]
    [InlineData(24, Intent.Build)]
    [InlineData(25, Intent.Question)]
    public void Clauses_AreReadUpToTheBound(int clause, Intent intent) => Assert.Equal(intent,
        Detect(string.Concat(Enumerable.Repeat("zzz. ", clause - 1)) + "build an app").Intent);

    [Theory]
    [InlineData(40, Intent.Deploy)]
    [InlineData(41, Intent.Question)]
    public void WordsOfAClause_AreReadUpToTheBound(int word, Intent intent) => Assert.Equal(intent,
        Detect(string.Concat(Enumerable.Repeat("zzz ", word - 1)) + "despliega").Intent);

    [Theory]
    [InlineData(ExampleReader.ShortWordsMax, 0, true)]
    [InlineData(ExampleReader.ShortWordsMax + 1, 0, false)]
    [InlineData(1, ExampleReader.ShortClausesMax - 1, true)]
    [InlineData(1, ExampleReader.ShortClausesMax, false)]
    public void ADenial_ReachesTheActBehindIt_UpToTheBound(int words, int clausesBetween, bool isDoubted)
    {
        var reader = new ExampleReader(IntentBook.BuiltIn, [
            new(Intent.Deploy, "en", "deploy it right away"), new(Intent.Question, "en", "hello")]);
        var said = reader.Read(FoldedText.Of("don't" + string.Concat(Enumerable.Repeat(" zzz", words - 1))
            + string.Concat(Enumerable.Repeat(", zzz", clausesBetween)) + ", deploy it right away"));
        Assert.Equal(Intent.Deploy, said.Intent);
        Assert.Equal(isDoubted, said.Confidence < IntentDetector.SureFrom);
    }

    [Theory]
    [InlineData(8, true)]
    [InlineData(9, false)]
    public void WordsOfAnAnswer_AreReadUpToTheBound(int words, bool isAnswer) => Assert.Equal(isAnswer,
        Detect("yes" + string.Concat(Enumerable.Repeat(" please", words - 1))).Intent == Intent.Answer);

    [Theory]
    [InlineData("make the aaa bbb ccc bigger", 6)]
    [InlineData("make the aaa bbb ccc ddd bigger", 0)]
    public void AGap_IsAtMostThreeWords(string text, int length) => Assert.Equal(length,
        PhrasePattern.Of("make the * bigger").LengthAt([.. text.Split(' ')], 0));

    [Theory]
    [InlineData("abcde", "abcdx", true)]
    [InlineData("abcd", "abcx", false)]
    public void ASlip_IsForgiven_FromTheLengthOn(string word, string said, bool isMeant)
    {
        Assert.Equal(isMeant, word.Length >= WordPattern.SlipLettersMin);
        Assert.Equal(isMeant, WordPattern.Of(word).MeansNearly(said));
    }
}
