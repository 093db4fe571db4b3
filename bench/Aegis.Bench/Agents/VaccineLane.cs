using System.Diagnostics;
using Aegis.Core.Vaccines;
using Aegis.Core.Vaccines.Checks;

namespace Aegis.Bench.Agents;

/// <summary>200 vaccines asked of a file of 8 KiB: expressions (some of whose letters are in the file), rules
/// of the built-in scan, and dependencies, as a project gathers them.</summary>
internal static class VaccineLane
{
    private const int Vaccines = 200;
    private static readonly DateTimeOffset Now = new(2026, 11, 27, 0, 0, 0, TimeSpan.Zero);

    public static void Measure(SortedDictionary<string, object> figures, bool quick)
    {
        var guard = VaccineGuard.Of(Enumerable.Range(0, Vaccines).Select(Vaccine));
        var text = Text();
        var times = new List<double>();
        var rounds = quick ? 2_000 : 10_000;
        for (var i = 0; i < rounds + 500; i++)
        {
            // never the same text: nothing can be remembered from one file to the next
            var file = new ProposedFile("src/orders.js", text + $"// {i}\n");
            var since = Stopwatch.GetTimestamp();
            if (guard.Against([file]) is { } stop)
            {
                throw new InvalidOperationException($"{stop.Vaccine.Id} stops clean code");
            }
            if (i >= 500)
            {
                times.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
            }
        }
        times.Sort();
        figures["vaccine_check_ms_p50"] = times[times.Count / 2];
        figures["vaccine_check_ms_p99"] = times[times.Count * 99 / 100];
    }

    private static Vaccine Vaccine(int i)
    {
        VaccineCheck check = (i % 10) switch
        {
            0 => new RuleCheck("sql-injection"),
            1 => CheckOf($"fetch\\(\\s*['\"]http://host{i}"),
            2 => CheckOf($"(SELECT|INSERT|UPDATE)[^\"\\n]*mark{i}\"\\s*\\+"),
            3 => CheckOf($"query\\([^)]*\\$\\{{[a-z]*{i}"),
            4 => CheckOf($"await\\s+[a-z]+{i}\\.then\\("),
            _ => CheckOf($"\\b(eval|exec|spawn){i}\\s*\\("),
        };
        return VaccineLife.Begin(new VaccineOrder(VaccineScope.Project, $"mistake {i}", "do otherwise",
            VaccineSeverity.High, "builder", "javascript", Check: check), $"vac_{i}", Now);
    }

    private static VaccineCheck CheckOf(string regex) => PatternCheck.Read("**/*.js", regex).Check!;

    private static string Text()
    {
        var line = "const row = await db.query(\"SELECT id FROM users WHERE id = ?\", [id]); // by id\n";
        return string.Concat(Enumerable.Repeat(line, 8 * 1024 / line.Length));
    }
}
