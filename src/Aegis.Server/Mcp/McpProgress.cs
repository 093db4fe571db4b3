using Aegis.Gate.Peers;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Aegis.Server.Mcp;

/// <summary>What the client of a request hears of its progress: values that only grow, at a pace that a
/// client can follow, and nothing once the request has its answer or was cancelled. What comes faster waits,
/// and the newest takes its place.</summary>
internal sealed class McpProgress(
    McpServer server, ProgressToken token, TimeProvider time, CancellationToken cancel)
{
    /// <summary>Notifications that go out at once, before the pace holds them.</summary>
    public const int BurstMax = 32;

    /// <summary>Characters of one message; of a longer one its end is sent.</summary>
    public const int MessageCharsMax = 2_048;

    /// <summary>One notification in this time, once the burst is spent.</summary>
    public static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    /// <summary>A value that would not grow goes this part of the way to the one that it must stay
    /// below.</summary>
    private const double Share = 1.0 / 64;

    private readonly SemaphoreSlim turn = new(1);
    private float last = float.NegativeInfinity;
    private double places = BurstMax;
    private long counted = time.GetTimestamp();
    private (CallProgress Progress, double? Below)? held;
    private bool over;

    /// <param name="below">What a value that would not grow may grow towards; without it such a one is not
    /// sent.</param>
    public async ValueTask SayAsync(CallProgress progress, double? below = null)
    {
        await turn.WaitAsync(cancel);
        try
        {
            if (over)
            {
                return;
            }
            held = (progress, below);
            if (HasPlace())
            {
                await SendAsync();
            }
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Sends what waits. From here on nothing is sent any more.</summary>
    public async ValueTask EndAsync()
    {
        await turn.WaitAsync(CancellationToken.None);
        try
        {
            if (!over && !cancel.IsCancellationRequested)
            {
                await SendAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // cancelled just now
        }
        finally
        {
            over = true;
            turn.Release();
        }
    }

    private async ValueTask SendAsync()
    {
        if (held is not var (progress, below) || Grown((float)progress.Done, below) is not { } value)
        {
            return;
        }
        (held, last) = (null, value);
        try
        {
            await server.NotifyProgressAsync(token, new ProgressNotificationValue
            {
                Progress = value,
                Total = (float?)progress.Total,
                Message = progress.Message is { Length: > MessageCharsMax } words
                    ? words[^MessageCharsMax..] : progress.Message,
            }, cancellationToken: cancel);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // nobody listens any more; the call goes on
            over = true;
        }
    }

    private float? Grown(float value, double? below)
    {
        if (value > last)
        {
            return value;
        }
        var next = (float)(last + ((below - last) * Share ?? 0));
        return next > last && next < below ? next : null;
    }

    private bool HasPlace()
    {
        places = Math.Min(BurstMax, places + (time.GetElapsedTime(counted) / Pace));
        counted = time.GetTimestamp();
        if (places < 1)
        {
            return false;
        }
        places--;
        return true;
    }
}
