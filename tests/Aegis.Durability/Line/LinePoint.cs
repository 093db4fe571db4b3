using Aegis.Durability.Points;
using Aegis.Durability.Proxy;

namespace Aegis.Durability.Line;

/// <summary>Where in a run of the line a blow falls.</summary>
internal enum LinePlace
{
    /// <summary>The model was asked and does not answer yet.</summary>
    InFlight,

    /// <summary>The commit of the turn's reply.</summary>
    Reply,

    /// <summary>Some time after the reply is a fact, while its calls are made or what follows them.</summary>
    Inside,

    /// <summary>The commit of the turn's end.</summary>
    TurnEnd,

    /// <summary>Some time after the run began.</summary>
    Anywhere,
}

/// <param name="Turn">Counts from 1 over the whole run, in all its agents; 0 anywhere.</param>
/// <param name="Moment">Of a commit.</param>
/// <param name="After">Of the other places.</param>
internal sealed record LineBlow(LinePlace Place, int Turn, Moment Moment, TimeSpan After)
{
    public override string ToString() => Place switch
    {
        LinePlace.InFlight => $"turn {Turn}, the call in flight",
        LinePlace.Reply => $"turn {Turn}, its reply {Point.Words(Moment)}",
        LinePlace.Inside => $"turn {Turn}, {After.TotalMilliseconds:0} ms after its reply",
        LinePlace.TurnEnd => $"turn {Turn}, its end {Point.Words(Moment)}",
        _ => $"{After.TotalSeconds:0.0} s after the start",
    };
}

/// <summary>One run with the blows that fall in it, one after the other.</summary>
internal sealed record LinePoint(int Number, IReadOnlyList<LineBlow> Blows)
{
    public override string ToString() => "kill server: " + string.Join("; ", Blows);

    private static readonly TimeSpan InsideMax = TimeSpan.FromMilliseconds(400);

    /// <summary>Anywhere: this many of all.</summary>
    private const int Strays = 6;

    private static readonly LinePlace[] Places =
        [LinePlace.InFlight, LinePlace.Reply, LinePlace.Inside, LinePlace.TurnEnd];

    /// <summary>Each turn has a blow while its call is in flight, one at its reply, one inside and one at its
    /// end; some fall anywhere; and one run is struck at the end of every turn. The quick one is a run with
    /// a blow of each of the four kinds.</summary>
    public static IReadOnlyList<LinePoint> Make(int seed, int turns, TimeSpan whole, bool quick)
    {
        var chance = new Random(seed);
        var blows = new List<LineBlow[]>();
        if (quick)
        {
            var places = Places.ToArray();
            chance.Shuffle(places);
            var struck = Enumerable.Range(1, turns).ToArray();
            chance.Shuffle(struck);
            blows.Add([.. struck.Take(places.Length).Order().Select((t, at) => Make(chance, places[at], t))]);
        }
        else
        {
            blows.AddRange(Enumerable.Range(1, turns)
                .SelectMany(t => Places.Select(p => new[] { Make(chance, p, t) })));
            blows.AddRange(Enumerable.Range(0, Strays).Select(_ => new[]
            {
                new LineBlow(LinePlace.Anywhere, 0, Moment.AfterAnswer, whole * chance.NextDouble()),
            }));
            blows.Add([.. Enumerable.Range(1, turns).Select(t => Make(chance, LinePlace.TurnEnd, t))]);
        }
        return [.. blows.Select((b, at) => new LinePoint(at + 1, b))];
    }

    private static LineBlow Make(Random chance, LinePlace place, int turn) =>
        new(place, turn, (Moment)chance.Next(4), InsideMax * chance.NextDouble());
}
