using System.IO.Pipelines;
using Aegis.Core.Deployments.Stacks;

namespace Aegis.Tools.Deploy.Stacks;

/// <summary>Why a program that applies a plan was not left to end by itself.</summary>
internal enum StackEnd
{
    ByItself,

    /// <summary>Its minutes were over.</summary>
    TimeLimit,

    /// <summary>Its run was cancelled, its step ran out of time, or its server stops.</summary>
    Asked,
}

/// <summary>
/// Asks a program that applies a plan to end. Killed at once it could not write down what it has made; at an
/// interrupt it lets what is under way come to an end and writes its state. No signal of ours reaches the
/// sandbox, whatever its kind, so it hears it by its input, which ends then; see <see cref="StackScript"/>.
/// One that is there still after <see cref="StackLimits.StopSeconds"/> is killed.
/// </summary>
internal sealed class StackStop : IDisposable
{
    private readonly Pipe pipe = new(new PipeOptions(pauseWriterThreshold: 0));
    private readonly Lock asking = new();
    private readonly CancellationTokenSource over;
    private readonly CancellationTokenSource kill;
    private CancellationTokenRegistration minutes;
    private CancellationTokenRegistration cancelled;

    private StackStop(TimeSpan limit, TimeProvider time)
    {
        over = new CancellationTokenSource(limit, time);
        kill = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
    }

    /// <summary>The archive, and then nothing until the program is asked to end.</summary>
    public Stream Input => pipe.Reader.AsStream();

    /// <summary>Its patience is over.</summary>
    public CancellationToken Kill => kill.Token;

    public StackEnd Why { get; private set; }

    public static async ValueTask<StackStop> OpenAsync(
        byte[] archive, TimeSpan limit, TimeProvider time, CancellationToken cancel)
    {
        var stop = new StackStop(limit, time);
        await stop.pipe.Writer.WriteAsync(archive, CancellationToken.None);
        stop.minutes = stop.over.Token.UnsafeRegister(_ => stop.Ask(StackEnd.TimeLimit), null);
        stop.cancelled = cancel.UnsafeRegister(_ => stop.Ask(StackEnd.Asked), null);
        return stop;
    }

    public void Dispose()
    {
        cancelled.Dispose();
        minutes.Dispose();
        over.Dispose();
        kill.Dispose();
    }

    private void Ask(StackEnd why)
    {
        lock (asking)
        {
            if (Why == StackEnd.ByItself)
            {
                Why = why;
                pipe.Writer.Complete();
                kill.CancelAfter(TimeSpan.FromSeconds(StackLimits.StopSeconds));
            }
        }
    }
}
