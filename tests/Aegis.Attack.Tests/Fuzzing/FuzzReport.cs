using System.Globalization;

namespace Aegis.Attack.Fuzzing;

/// <summary>What a run of the fuzzer came to.</summary>
internal sealed class FuzzReport
{
    private const int FaultsMax = 20;

    public int Sent { get; private set; }

    /// <summary>Workflows that were sound after all, each of which is a plan now.</summary>
    public int Plans { get; private set; }

    public SortedDictionary<string, int> Statuses { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, int> Codes { get; } = new(StringComparer.Ordinal);

    public List<string> Faults { get; } = [];

    public TimeSpan Slowest { get; private set; }

    public void Answered(string what, int status, IReadOnlyCollection<string> codes, TimeSpan took)
    {
        Sent++;
        Plans += status == 201 ? 1 : 0;
        Count(Statuses, status == 0 ? "closed" : status.ToString(CultureInfo.InvariantCulture));
        foreach (var code in codes)
        {
            Count(Codes, code);
        }
        Slowest = took > Slowest ? took : Slowest;
        if (status >= 500 && status is not (501 or 503 or 505))
        {
            Fault($"{what}: {status} {string.Join(' ', codes)}");
        }
    }

    public void Fault(string what)
    {
        if (Faults.Count < FaultsMax)
        {
            Faults.Add(what);
        }
    }

    public override string ToString() =>
        $"{Sent} requests, slowest {Slowest.TotalMilliseconds:0} ms; "
        + string.Join(", ", Statuses.Select(s => $"{s.Key}: {s.Value}"))
        + $"; {Codes.Count} codes";

    private static void Count(SortedDictionary<string, int> counts, string name) =>
        counts[name] = counts.GetValueOrDefault(name) + 1;
}
