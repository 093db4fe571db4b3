using System.Collections.Immutable;
using Aegis.Core.Runs;

namespace Aegis.Sandbox.Egress;

/// <summary>Everything that was asked of one proxy, alike requests in one row: ten thousand requests to a
/// host are one, and ten thousand hosts are as many as there is place for and two for the rest.</summary>
public sealed class EgressTally
{
    public const int RowsMax = 64;
    private const string Others = "*";
    private readonly Dictionary<EgressFact, (long Count, long Out, long In)> rows = [];
    private readonly Lock gate = new();

    /// <summary>A row with its count and bytes.</summary>
    public void Add(EgressFact fact)
    {
        var key = fact with { Count = 0, BytesOut = 0, BytesIn = 0 };
        lock (gate)
        {
            if (rows.Count >= RowsMax && !rows.ContainsKey(key))
            {
                key = new EgressFact(Others, 0, Others, null, fact.Denied is null ? null : Others, 0, 0, 0);
            }
            var (count, bytesOut, bytesIn) = rows.GetValueOrDefault(key);
            rows[key] = (count + fact.Count, bytesOut + fact.BytesOut, bytesIn + fact.BytesIn);
        }
    }

    /// <summary>By host; what found no row of its own last.</summary>
    public ImmutableArray<EgressFact> Facts
    {
        get
        {
            lock (gate)
            {
                return
                [
                    .. rows.Select(row => row.Key with
                    {
                        Count = row.Value.Count, BytesOut = row.Value.Out, BytesIn = row.Value.In,
                    }).OrderBy(fact => fact.Host == Others).ThenBy(fact => fact.Host, StringComparer.Ordinal)
                        .ThenBy(fact => fact.Port).ThenBy(fact => fact.Method, StringComparer.Ordinal),
                ];
            }
        }
    }
}
