using System.Collections.Immutable;
using System.Text;

namespace Aegis.Sandbox.Kinds;

/// <summary>What a probe printed from inside, one fact a line: <c>name=value</c>.</summary>
internal sealed class Seen
{
    private readonly Dictionary<string, string> facts;

    private Seen(Dictionary<string, string> facts) => this.facts = facts;

    public string? this[string fact] => facts.GetValueOrDefault(fact);

    /// <summary>Runs a script in a sandbox and reads what it prints.</summary>
    public static async Task<(Seen Seen, SandboxOutcome Outcome, string Said)> AskAsync(string script,
        SandboxLimits limits, Func<SandboxSpec, SandboxIo, Task<SandboxOutcome>> run)
    {
        var said = new StringBuilder();
        var spec = new SandboxSpec("probe", ["sh", "-c", script], "/work",
            ImmutableSortedDictionary<string, string>.Empty, null, [], limits);
        var outcome = await run(spec, new SandboxIo(OnOutput: (_, piece) =>
        {
            lock (said)
            {
                said.Append(Encoding.UTF8.GetString(piece.Span));
            }
            return default;
        }));
        return (Parse(said.ToString()), outcome, said.ToString());
    }

    private static Seen Parse(string printed) => new(printed.Split('\n')
        .Where(l => l.Contains('=', StringComparison.Ordinal)).Select(l => l.Split('=', 2))
        .DistinctBy(p => p[0]).ToDictionary(p => p[0], p => p[1].Trim()));

    /// <summary>Throws for a wall that was not seen as expected; null expects the fact not to be there.
    /// </summary>
    public void Require(string wall, string fact, string? expected)
    {
        var got = this[fact];
        if (got != expected)
        {
            throw SandboxErrors.WallMissing(wall, $"{fact} = '{expected ?? "(unset)"}' inside",
                $"'{got ?? "(unset)"}'", "See docs/sandbox.md, 'When it does not start'");
        }
    }
}
