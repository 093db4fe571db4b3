using Aegis.Core.Intents;
using Xunit.Abstractions;

namespace Aegis.Core.Tests.Intents;

/// <summary>What the rules understand of sentences in both languages; the clear ones are examples, and must
/// stay what they are. How others are understood: <see cref="UnseenSentenceTests"/>.</summary>
public sealed class IntentDetectorTests(ITestOutputHelper output)
{
    private static readonly Sentence[] All = Sentence.Read("sentences.txt");

    private static DetectedIntent Detect(string text) => IntentDetector.BuiltIn.Detect(text);

    [Fact]
    public void Sentences_ThatAreClear_AreUnderstood()
    {
        var clear = All.Where(s => s.Kind == "clear").ToList();
        var wrong = Sentence.Wrong(clear, output);
        Assert.True(clear.Count >= 120, $"{clear.Count} sentences");
        Assert.True(wrong.Count <= clear.Count * 0.05, $"{wrong.Count} of {clear.Count} are wrong");
    }

    [Fact]
    public void Sentences_ThatAreSure_AreNotActedOnWrongly()
    {
        var wrong = All.Where(s => s.Kind is "clear" or "open").Where(s => Detect(s.Text) is var found
            && found.Intent.Acts() && found.Confidence >= IntentDetector.SureFrom
            && found.Intent != s.Intent);
        Assert.Empty(wrong.Select(s => s.Text));
    }

    [Fact]
    public void Sentences_ThatAreHostile_NeverAct()
    {
        var hostile = All.Where(s => s.Kind == "hostile").ToList();
        Assert.True(hostile.Count >= 25);
        Assert.All(hostile, s =>
        {
            var found = Detect(s.Text);
            Assert.False(found.Intent.Acts(), s.Text);
            Assert.True(found.IsHostile, s.Text);
            Assert.Empty(found.Slots);
        });
    }

    [Fact]
    public void Sentences_InTheirLanguage_AreToldSo()
    {
        var clear = All.Where(s => s.Kind == "clear" && s.Text.Split(' ').Length > 2).ToList();
        var wrong = clear.Where(s => Detect(s.Text).Language != (IsSpanish(s.Text) ? "es" : "en")).ToList();
        Assert.True(wrong.Count <= clear.Count * 0.05, string.Join('\n', wrong.Select(s => s.Text)));
    }

    [Fact]
    public void Detection_IsTheSame_WhateverCaseAccentsAndBlanks()
    {
        var plain = Detect("despliega la aplicacion en produccion");
        foreach (var said in new[]
        {
            "DESPLIEGA LA APLICACIÓN EN PRODUCCIÓN", "  despliega   la\taplicación en producción  ",
            "¡Despliega la aplicación en producción!", "desp\u200bliega la aplicación en producción",
        })
        {
            Assert.Equal((plain.Intent, plain.Confidence, plain.Slot("target")),
                (Detect(said).Intent, Detect(said).Confidence, Detect(said).Slot("target")));
        }
    }

    [Theory]
    [InlineData("scan the repo shop for vulnerabilities", "repository", "shop")]
    [InlineData("escanea el repositorio llamado tienda", "repository", "tienda")]
    [InlineData("what is the status of run_01jd9t8w5c3n6k1m0q7xh2v4zb", "run_id",
        "run_01jd9t8w5c3n6k1m0q7xh2v4zb")]
    [InlineData("deploy it with docker", "target", "container")]
    [InlineData("súbelo a producción", "target", "production")]
    [InlineData("run `python3 check.py --all`", "command", "python3 check.py --all")]
    [InlineData("Execute the command ls -la", "command", "ls -la")]
    [InlineData("ejecuta python3 informe.py", "command", "python3 informe.py")]
    [InlineData("which model would you use for coding?", "task_type", "coding")]
    [InlineData("genera un blog desde cero en python", "language", "python")]
    [InlineData("Constrúyeme una API en C#", "language", "csharp")]
    [InlineData("discover what tools are installed", "subject", "machine")]
    [InlineData("No, usa PostgreSQL", "hint", "usa PostgreSQL")]
    [InlineData("cancélalo", "answer", "stop")]
    public void Slots_AreFound(string text, string slot, string value) =>
        Assert.Equal(value, Detect(text).Slot(slot));

    [Theory]
    [InlineData("yes, deploy to production")]
    [InlineData("yes but delete the database first")]
    [InlineData("did you say yes?")]
    public void WhatSaysMore_IsNoAnswer(string text) =>
        Assert.NotEqual(Intent.Answer, Detect(text).Intent);

    [Fact]
    public void Text_AtItsBound_AndPast_IsReadToTheBound()
    {
        const string Run = " run_01jd9t8w";
        var filler = new string('x', IntentDetector.CharsMax - Run.Length);
        Assert.Equal("run_01jd9t8w", Detect(filler + Run).Slot("run_id"));
        Assert.Equal("run_01jd9t8", Detect(filler + "x" + Run).Slot("run_id"));
        var objective = Detect("build " + new string('y', IntentDetector.CharsMax + 1)).Slot("objective")!;
        Assert.Equal(SlotName.ValueCharsMax, objective.Length);
    }

    [Fact]
    public void AnyText_IsUnderstoodInTime_AndNothingThrows()
    {
        var random = new Random(7);
        for (var i = 0; i < 300; i++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(200))
                .Select(_ => (char)random.Next(1, 0xFFFF))]);
            Assert.InRange(Detect(text).Confidence, 0, 1);
        }
        Assert.Equal(Intent.Question, Detect(string.Concat(Enumerable.Repeat("lo ", 4_000))).Intent);
    }

    private static bool IsSpanish(string text) => text.Split(' ', ',', '.', '?')
        .Any(w => SpanishWords.Contains(FoldedText.Fold(w).Trim('¿', '¡')))
        || text.Any("ñ¿¡áéíóú".Contains);

    private static readonly string[] SpanishWords =
    [
        "el", "la", "los", "una", "un", "que", "para", "quiero", "en", "mi", "por", "de", "del",
        "ya", "porfa",
    ];
}
