using Aegis.Durability.Judges;
using Aegis.Durability.Points;
using Aegis.Durability.Product;
using Aegis.Durability.Proxy;
using Aegis.Durability.Scenario;

namespace Aegis.Durability.Line;

/// <summary>The blows that fall in one run, and what each of them cost.</summary>
internal sealed class LineBlows(Theatre theatre, LineModel model)
{
    private static readonly TimeSpan ReadWithin = TimeSpan.FromMilliseconds(500);
    private readonly LineTurns turns = new();
    private readonly List<Strike> strikes = [];

    /// <summary>Whether a blow has begun to fall that was not counted yet.</summary>
    public bool Falling => strikes is [.., { Done: true }];

    public int Kills => strikes.Count(s => s.Done);

    /// <summary>Calls that were made anew because the one before was in flight.</summary>
    public int Again { get; private set; }

    public IEnumerable<ProcessName> Family => strikes.SelectMany(s => s.Family);

    /// <summary>Counts turns, and strikes at the blow's place; completes when the server is dead.</summary>
    public Task Arm(LineBlow? blow)
    {
        // asked of each flush first, and never takes one
        var count = new Tripwire(f =>
        {
            turns.Note(f);
            return false;
        }, Moment.BeforeForward, _ => Task.FromResult(true));
        if (blow is null)
        {
            theatre.Proxy.Arm(count);
            return new TaskCompletionSource().Task;
        }
        var strike = new Strike(theatre, Victim.Server);
        strikes.Add(strike);
        Func<Flush, bool> match = blow.Place == LinePlace.TurnEnd
            ? f => turns.IsEnd(f, blow.Turn) : f => turns.IsReply(f, blow.Turn);
        switch (blow.Place)
        {
            case LinePlace.Reply or LinePlace.TurnEnd:
                var wire = new Tripwire(match, blow.Moment, _ => Task.FromResult(strike.Run()));
                theatre.Proxy.Arm(count, wire);
                return wire.Fired;
            case LinePlace.Inside:
                var reply = new Tripwire(match, Moment.AfterAnswer, _ => Task.FromResult(true));
                theatre.Proxy.Arm(count, reply);
                return StrikeAfterAsync(reply.Fired, blow.After, strike);
            case LinePlace.InFlight:
                theatre.Proxy.Arm(count);
                return StrikeHeldAsync(model.HoldAt(blow.Turn), strike);
            default:
                theatre.Proxy.Arm(count);
                return StrikeAfterAsync(Task.CompletedTask, blow.After, strike);
        }
    }

    /// <summary>After a blow, before the next life of the server: a call without a reply in the ledger was in
    /// flight. There is at most one, and none where the reply is a fact.</summary>
    public async Task<IReadOnlyList<Fault>> CountAsync(LineBlow blow, string project)
    {
        // a request that was on its way is read
        await PassAsync(ReadWithin);
        var ledger = await LineLedger.ReadAsync(theatre.Ledger, project);
        var open = model.Asked.Count - Again - ledger.Replies;
        Again += open;
        var (least, most) = (blow.Place, blow.Moment) switch
        {
            (LinePlace.InFlight, _) or (LinePlace.Reply, Moment.BeforeForward) => (1, 1),
            (LinePlace.TurnEnd, _) or (LinePlace.Reply, Moment.BeforeAnswer or Moment.AfterAnswer) => (0, 0),
            _ => (0, 1),
        };
        return open >= least && open <= most ? [] : [new Fault(Fault.Doubled,
            $"{blow}: {open} calls were in flight, expected {least} to {most}")];
    }

    /// <summary>Holds no thread: the model and the proxy need them on a machine of two cores.</summary>
    public static async Task PassAsync(TimeSpan time)
    {
        if (time > TimeSpan.Zero)
        {
            using var beat = new PeriodicTimer(time);
            await beat.WaitForNextTickAsync();
        }
    }

    private async Task StrikeAfterAsync(Task moment, TimeSpan after, Strike strike)
    {
        await moment;
        await PassAsync(after);
        strike.Run();
    }

    private static async Task StrikeHeldAsync(ModelServer.Hold hold, Strike strike)
    {
        await hold.Entered;
        strike.Run();
        hold.Release();
    }
}
