using Aegis.Core.Intents;
using Xunit.Abstractions;

namespace Aegis.Core.Tests.Intents;

/// <summary>Sentences that are no examples. The reader's settings were chosen with the short and long ones in
/// view; the last ones came when all was settled. The bounds leave room for a sentence that may mean either;
/// those that fail are told.</summary>
public sealed class UnseenSentenceTests(ITestOutputHelper output)
{
    private static readonly Sentence[] All = Sentence.Read("unseen.txt");

    [Theory]
    [InlineData("short", 400, 0.08)]
    [InlineData("long", 50, 0.1)]
    [InlineData("last", 190, 0.08)]
    public void Sentences_AreUnderstood(string kind, int least, double wrongMost)
    {
        var said = All.Where(s => s.Kind == kind).ToList();
        Assert.True(said.Count >= least, $"{said.Count} sentences");
        var wrong = Sentence.Wrong(said, output);
        Assert.True(wrong.Count <= said.Count * wrongMost, $"{wrong.Count} of {said.Count} are wrong");
    }

    [Fact]
    public void Sentences_AreNoExamples()
    {
        var examples = IntentExamples.Shipped.Select(e => e.Folded.Plain).ToHashSet();
        Assert.DoesNotContain(All, s => examples.Contains(FoldedText.Of(s.Text).Plain));
    }

    [Fact]
    public void Sentences_ThatAreSurelyAnAct_AreThatAct()
    {
        var sure = All.Select(s => (s.Intent, Found: IntentDetector.BuiltIn.Detect(s.Text)))
            .Where(s => s.Found.Intent.Acts() && s.Found.Confidence >= IntentDetector.SureFrom).ToList();
        Assert.True(sure.Count >= All.Length / 2, $"{sure.Count} are sure");
        Assert.True(sure.Count(s => s.Found.Intent != s.Intent) <= sure.Count * 0.04);
    }

    [Fact]
    public void Examples_AreOnePerLine_AndEachOnce()
    {
        Assert.Equal(18, IntentExamples.Shipped.GroupBy(e => (e.Intent, e.Language)).Count());
        Assert.All(IntentExamples.Shipped, e => Assert.Equal(e.Text.Trim(), e.Text));
        Assert.Empty(IntentExamples.Shipped.GroupBy(e => e.Folded.Plain).Where(g => g.Count() > 1)
            .Select(g => g.Key));
    }

    [Theory]
    [InlineData("don't deploy the shop today")]
    [InlineData("no despliegues la tienda todavía, por favor")]
    [InlineData("don't, please, deploy it")]
    [InlineData("how do I deploy the shop?")]
    [InlineData("¿cómo despliego la tienda?")]
    [InlineData("never publish it without asking me")]
    [InlineData("should I publish the shop?")]
    public void WhatIsAskedOrDenied_IsNeverSurelyAnAct(string text)
    {
        var found = IntentDetector.BuiltIn.Detect(text);
        Assert.False(found.Intent.Acts() && found.Confidence >= IntentDetector.SureFrom,
            $"{found.Intent} {found.Confidence}");
    }

    [Theory]
    [InlineData("Build a REST API for orders with SQLite. No payments. Do not store cards.", Intent.Build)]
    [InlineData("Construye una API de inventario con SQLite. No quiero autenticación todavía.", Intent.Build)]
    public void WhatElseIsDenied_LeavesTheActSure(string text, Intent intent)
    {
        var found = IntentDetector.BuiltIn.Detect(text);
        Assert.Equal(intent, found.Intent);
        Assert.InRange(found.Confidence, IntentDetector.SureFrom, 1);
    }
}
