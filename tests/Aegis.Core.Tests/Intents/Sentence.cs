using Aegis.Core.Intents;
using Xunit.Abstractions;

namespace Aegis.Core.Tests.Intents;

/// <summary>What somebody says, and what is meant by it: a line of a file of sentences.</summary>
internal sealed record Sentence(string Kind, Intent Intent, string Text)
{
    public static Sentence[] Read(string file) =>
    [
        .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Intents", file))
            .Where(l => l.Length > 0 && l[0] != '#').Select(l => l.Split(' ', 3))
            .Select(p => new Sentence(p[0], IntentWord.Find(p[1])!.Value, p[2])),
    ];

    /// <summary>Those that are understood otherwise, told to whoever reads the test.</summary>
    public static List<Sentence> Wrong(IEnumerable<Sentence> sentences, ITestOutputHelper output)
    {
        var wrong = new List<Sentence>();
        foreach (var said in sentences)
        {
            var found = IntentDetector.BuiltIn.Detect(said.Text);
            if (found.Intent != said.Intent)
            {
                output.WriteLine($"{said.Intent} ← {found.Intent} {found.Confidence}: {said.Text}");
                wrong.Add(said);
            }
        }
        return wrong;
    }
}
