using Aegis.Durability.Proxy;

namespace Aegis.Durability.Line;

/// <summary>Counts the turns of all agents of a run as their replies pass on the wire. A reply that passes
/// again, because the one before was no fact, is the same turn.</summary>
internal sealed class LineTurns
{
    private readonly Lock counting = new();
    private readonly List<(long Stream, string Step)> replied = [];

    /// <summary>To be asked of each flush before the two below.</summary>
    public void Note(Flush flush)
    {
        lock (counting)
        {
            foreach (var e in flush.Events.Where(e => e.Type == "ModelReplied"))
            {
                if (!replied.Contains((e.StreamKey, e.StepId!)))
                {
                    replied.Add((e.StreamKey, e.StepId!));
                }
            }
        }
    }

    public bool IsReply(Flush flush, int turn) => Has(flush, "ModelReplied", turn);

    public bool IsEnd(Flush flush, int turn) => Has(flush, "TaskCompleted", turn);

    private bool Has(Flush flush, string type, int turn)
    {
        lock (counting)
        {
            return replied.Count >= turn && flush.Events.Any(e => e.Type == type
                && (e.StreamKey, e.StepId!) == replied[turn - 1]);
        }
    }
}
