using System.Globalization;
using Aegis.Cli.Screen;

namespace Aegis.Cli.Evals;

/// <summary>A suite's result for people, and what is otherwise than in an earlier one.</summary>
internal static class EvalTable
{
    private static readonly CultureInfo Plain = CultureInfo.InvariantCulture;

    public static void Write(EvalResult result, Terminal terminal)
    {
        terminal.Table(["CASE", "PASS@1", "PASS@2", "TURNS", "TOKENS", "USD", "TOOK", "WORDS", "WHY NOT"],
            [.. result.Cases.Select(c => new[]
            {
                c.Id, c.Pass1 ? "yes" : "no", c.Pass2 ? "yes" : "no", c.Turns.ToString(Plain),
                c.Tokens.ToString(Plain), Usd(c.CostUsd), Took(c.Seconds), c.Origin ?? "",
                Short(c.Error ?? ""),
            }),
            [
                $"all {result.Total.Cases}", Percent(result.Total.Pass1), Percent(result.Total.Pass2),
                result.Total.Turns.ToString(Plain), result.Total.Tokens.ToString(Plain),
                Usd(result.Total.CostUsd), Took(result.Total.Seconds), "", "",
            ]]);
    }

    /// <summary>Cases that are in both and ask for the same.</summary>
    /// <returns>Whether one that passed does not any more.</returns>
    public static bool Compare(EvalResult before, EvalResult now, TextWriter to)
    {
        var old = before.Cases.DistinctBy(c => c.Id).ToDictionary(c => c.Id, StringComparer.Ordinal);
        var same = now.Cases.Where(c => old.GetValueOrDefault(c.Id)?.Hash == c.Hash).ToList();
        var lost = same.Where(c => old[c.Id].Pass2 && !c.Pass2).ToList();
        to.WriteLine($"compared with {Terminal.Visible(before.Suite)} by {Terminal.Visible(before.Agent)} of "
            + $"{before.At.ToString("yyyy-MM-dd HH:mm", Plain)}: {same.Count} of {now.Cases.Count} cases are "
            + "the same");
        var (one, two) = (EvalTotal.Of([.. same.Select(c => old[c.Id])]), EvalTotal.Of(same));
        to.WriteLine($"pass@1 {Percent(one.Pass1)} → {Percent(two.Pass1)}, pass@2 {Percent(one.Pass2)} → "
            + $"{Percent(two.Pass2)}, {Usd(one.CostUsd)} → {Usd(two.CostUsd)} USD");
        foreach (var c in same.Where(c => !old[c.Id].Pass2 && c.Pass2))
        {
            to.WriteLine($"  passes now: {Terminal.Visible(c.Id)}");
        }
        foreach (var c in lost)
        {
            to.WriteLine($"  passes no more: {Terminal.Visible(c.Id)}");
        }
        return lost.Count > 0;
    }

    private static string Short(string error) => error.Length <= 60 ? error : error[..59] + "…";

    private static string Percent(double part) => (part * 100).ToString("0.0", Plain) + " %";

    private static string Usd(decimal usd) => usd.ToString("0.0000", Plain);

    private static string Took(double seconds) => Spans.Text(TimeSpan.FromSeconds(seconds));
}
