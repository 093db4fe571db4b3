using Aegis.Core.Intents;
using Xunit.Abstractions;

namespace Aegis.Core.Tests.Intents;

/// <summary>What founders say beside their wishes, with slips and without accents.</summary>
public sealed class FounderSentenceTests(ITestOutputHelper output)
{
    private static readonly Sentence[] All = Sentence.Read("founders.txt");

    private static DetectedIntent Detect(string text) => IntentDetector.BuiltIn.Detect(text);

    [Fact]
    public void Sentences_AreUnderstood()
    {
        var wrong = Sentence.Wrong(All, output);
        Assert.True(wrong.Count <= All.Length * 0.05, $"{wrong.Count} of {All.Length} are wrong");
    }

    [Fact]
    public void Courtesies_AreKnown_AndNothingElseIsOne()
    {
        Assert.Equal(["greeting", "thanks", "goodbye", "help", "clear"],
            All.Select(s => s.Kind).Distinct());
        Assert.Empty(All.Where(s => Kind(s.Text) != s.Kind).Select(s => $"{s.Text}: {Kind(s.Text)}"));

        static string Kind(string text) => Detect(text).Courtesy?.ToString().ToLowerInvariant() ?? "clear";
    }

    [Fact]
    public void Sentences_ThatAreSure_AreNotActedOnWrongly() => Assert.Empty(All.Where(s =>
        Detect(s.Text) is var found && found.Intent.Acts() && found.Intent != s.Intent
            && found.Confidence >= IntentDetector.SureFrom).Select(s => s.Text));

    [Theory]
    [InlineData("I don't approve", "no")]
    [InlineData("do not approve it", "no")]
    [InlineData("don't do it", "no")]
    [InlineData("no lo apruebo", "no")]
    [InlineData("of course not", "no")]
    [InlineData("claro que no", "no")]
    [InlineData("never mind", "no")]
    [InlineData("don't deny it", null)]
    [InlineData("don't stop", null)]
    [InlineData("¿lo apruebo?", null)]
    [InlineData("qué te parece", null)]
    [InlineData("cambie esto", null)]
    [InlineData("ok", null)]
    [InlineData("not yet", null)]
    [InlineData("todavía no", null)]
    [InlineData("I can do it", null)]
    [InlineData("me parece mal", null)]
    [InlineData("approve the other one", null)]
    [InlineData("no me parece bien", "no")]
    [InlineData("I don't agree", "no")]
    [InlineData("reject the deployment", "no")]
    [InlineData("no apruebo el despliegue", "no")]
    [InlineData("me parece bien", "yes")]
    [InlineData("go for it", "yes")]
    [InlineData("looks good to me", "yes")]
    [InlineData("apruebo el despliegue", "yes")]
    [InlineData("approve the changes", "yes")]
    [InlineData("adelante con el despliegue", "yes")]
    [InlineData("go ahead with the deployment", "yes")]
    [InlineData("cancela lo que estás haciendo", "stop")]
    [InlineData("I approve", "yes")]
    [InlineData("claro que sí", "yes")]
    [InlineData("stop the build", "stop")]
    [InlineData("detén el despliegue", "stop")]
    public void AnAnswer_IsNegatedByANo_AndIsNoneInDoubt(string text, string? answer) =>
        Assert.Equal(answer, Detect(text).Slot("answer"));

    [Theory]
    [InlineData("not yet")]
    [InlineData("wait a moment please")]
    [InlineData("todavía no")]
    [InlineData("espera")]
    [InlineData("no sé")]
    [InlineData("please don't publish anything before Friday")]
    [InlineData("no toques la base de datos hasta que yo vuelva")]
    public void WhoPutsItOff_AnswersNothing(string text)
    {
        Assert.Equal(Courtesy.Later, Detect(text).Courtesy);
        Assert.Null(IntentDetector.BuiltIn.DetectAssent(text));
    }

    [Theory]
    [InlineData("🙂 👍", false)]
    [InlineData("`f(x) == 3`", false)]
    [InlineData("ok", false)]
    [InlineData("hola", true)]
    [InlineData("what is running?", true)]
    public void ALanguage_IsTold_OrGuessed(string text, bool isTold) =>
        Assert.Equal(isTold, Detect(text).TellsLanguage);

    [Theory]
    [InlineData("hola", "es")]
    [InlineData("ola", "es")]
    [InlineData("Gracias!", "es")]
    [InlineData("buenas tardes", "es")]
    [InlineData("ayuda", "es")]
    [InlineData("adios", "es")]
    [InlineData("hey", "en")]
    [InlineData("thx", "en")]
    [InlineData("help", "en")]
    [InlineData("see you later", "en")]
    public void ACourtesy_IsAnsweredInItsLanguage(string text, string language) =>
        Assert.Equal(language, Detect(text).Language);

    [Theory]
    [InlineData("yes, use a sum", "use a sum")]
    [InlineData("Approved, but keep the logs", "but keep the logs")]
    [InlineData("looks great", null)]
    public void AYes_MayCarryAHint(string text, string? hint)
    {
        var found = IntentDetector.BuiltIn.DetectHint(text);
        Assert.Equal(hint is null ? "hint" : "yes", found?.Slot("answer"));
        Assert.Equal(hint ?? text, found?.Slot("hint"));
    }

    [Theory]
    [InlineData("usa una suma", true)]
    [InlineData("use a sum", true)]
    [InlineData("use PostgreSQL instead of SQLite", true)]
    [InlineData("the port is 8080", true)]
    [InlineData("it must return 404, not 500", true)]
    [InlineData("build me a website for my bakery", false)]
    [InlineData("add a login page to the repo shop", false)]
    [InlineData("how is it going?", false)]
    [InlineData("not yet", false)]
    public void WhatIsSaidOfWorkThatWaits_IsAHint_UnlessItIsPlainlyElse(string text, bool isHint) =>
        Assert.Equal(isHint, IntentDetector.BuiltIn.DetectHint(text) is not null);

    [Fact]
    public void AStop_MayNameItsRun()
    {
        var found = Detect("cancel run_01jd9t8w5c3n6k1m0q7xh2v4zb please");
        Assert.Equal(("stop", "run_01jd9t8w5c3n6k1m0q7xh2v4zb"),
            (found.Slot("answer"), found.Slot("run_id")));
    }

    [Theory]
    [InlineData("ok", true)]
    [InlineData("Vale, gracias", true)]
    [InlineData("está bien", true)]
    [InlineData("me gusta", true)]
    [InlineData("looks great", true)]
    [InlineData("that works for me", true)]
    [InlineData("vale?", false)]
    [InlineData("ok, but in red", false)]
    [InlineData("not good", false)]
    [InlineData("gracias", false)]
    public void AnAssent_IsAYes_OnlyToWhatWasOffered(string text, bool isYes)
    {
        Assert.NotEqual("yes", Detect(text).Slot("answer"));
        Assert.Equal(isYes ? "yes" : null, IntentDetector.BuiltIn.DetectAssent(text)?.Slot("answer"));
    }
}
