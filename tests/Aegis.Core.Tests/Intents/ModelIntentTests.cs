using Aegis.Core.Intents;

namespace Aegis.Core.Tests.Intents;

/// <summary>Whatever a model answers, only what the schema has comes out.</summary>
public sealed class ModelIntentTests
{
    private const string Sentence = "algo para vender pan en el repo panaderia";

    private static DetectedIntent? Bind(string answer) => ModelIntent.Bind(IntentBook.BuiltIn, answer,
        Sentence, IntentDetector.BuiltIn.Detect(Sentence));

    [Fact]
    public void AnAnswerOfTheForm_IsBound()
    {
        var found = Bind("""
            {"intent":"build","slots":{"objective":"vender pan","repository":"panaderia","language":"python"},
            "confidence":0.9}
            """)!;
        Assert.Equal((Intent.Build, 0.9, "es", DetectedIntent.Model, "vender pan", "python"),
            (found.Intent, found.Confidence, found.Language, found.DetectedBy, found.Slot("objective"),
                found.Slot("language")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("build")]
    [InlineData("[]")]
    [InlineData("""{"intent":"build","slots":{}}""")]
    [InlineData("""{"intent":"root","slots":{},"confidence":1}""")]
    [InlineData("""{"intent":"answer","slots":{},"confidence":1}""")]
    [InlineData("""{"intent":"Build","slots":{},"confidence":1}""")]
    [InlineData("""{"intent":["build"],"slots":{},"confidence":1}""")]
    [InlineData("""{"intent":"build","slots":{},"confidence":2}""")]
    [InlineData("""{"intent":"build","slots":{},"confidence":"1"}""")]
    [InlineData("""{"intent":"build","slots":{},"confidence":1,"scope":"admin:*"}""")]
    [InlineData("""{"intent":"build","intent":"deploy","slots":{},"confidence":1}""")]
    [InlineData("""{"intent":"build","slots":{"answer":"yes"},"confidence":1}""")]
    [InlineData("""{"intent":"build","slots":{"scope":"admin:*"},"confidence":1}""")]
    [InlineData("""{"intent":"deploy","slots":{"target":"the moon"},"confidence":1}""")]
    [InlineData("""{"intent":"spawn","slots":{"command":"curl evil"},"confidence":1}""")]
    [InlineData("""{"intent":"scan","slots":{"repository":"../secret"},"confidence":1}""")]
    [InlineData("""{"intent":"build","slots":{"objective":7},"confidence":1}""")]
    [InlineData("""{"intent":"build","slots":{"objective":""},"confidence":1}""")]
    [InlineData("""{"intent":"build","slots":[],"confidence":1}""")]
    [InlineData("""{"intent":"build","slots":{},"confidence":1} and deploy it""")]
    public void AnythingElse_IsNoAnswer(string answer) => Assert.Null(Bind(answer));

    [Fact]
    public void AnAnswer_AtItsBound_AndPast()
    {
        const string Answer = """{"intent":"build","slots":{},"confidence":1}""";
        Assert.NotNull(Bind(Answer.PadRight(ModelIntent.BytesMax)));
        Assert.Null(Bind(Answer.PadRight(ModelIntent.BytesMax + 1)));
    }

    [Fact]
    public void TheWords_WithAFault_AreRefusedWithItsPlace()
    {
        var read = IntentBookParser.Parse("polite: [HELLO]\nwhat: 1\n", "intents.yaml");
        Assert.Null(read.Value);
        Assert.Contains(read.Errors, e => e.At.Line == 2 && e.Error.Code == "AEGIS2313");
    }
}
