using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Ledger.Tenants;
using Aegis.Server.Rooms;

namespace Aegis.Server.Runs;

/// <summary>The logs of a run's attempts as text, each from its first byte while it grows. An attempt is a
/// fact before its log is a file, and one whose tool writes nothing has none.</summary>
internal sealed class AttemptLogs(DoorParts parts, TenancyKeys keys, string runId)
{
    private const string NoLog = "AEGIS2301";
    private const string GoneLog = "AEGIS2302";
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    /// <summary>Returns once the log has ended, or the attempt has without one.</summary>
    /// <param name="take">Gets the offset behind each piece, and its words; false where it wants no
    /// more.</param>
    public async Task FollowAsync(
        string step, int attempt, Func<long, string, ValueTask<bool>> take, CancellationToken cancel)
    {
        while (!await TryFollowAsync(step, attempt, take, cancel))
        {
            if (await IsOverAsync(step, attempt, cancel))
            {
                await TryFollowAsync(step, attempt, take, cancel);
                return;
            }
            await Task.Delay(Step, parts.Time, cancel);
        }
    }

    private async ValueTask<bool> IsOverAsync(string step, int attempt, CancellationToken cancel)
    {
        var task = await parts.Runs.TaskAsync(keys, $"{runId}.{step}", cancel);
        return task is { } now
            && (now.Attempt > attempt || (now.Attempt == attempt && now.Status != "running"));
    }

    private async ValueTask<bool> TryFollowAsync(
        string step, int attempt, Func<long, string, ValueTask<bool>> take, CancellationToken cancel)
    {
        try
        {
            var text = new TextCutter(0);
            await foreach (var piece in parts.Working()
                .LogAsync(new RunId(runId), step, attempt, 0, follow: true, cancel))
            {
                var words = text.Take(piece.Span);
                if (!await take(text.Offset, words))
                {
                    break;
                }
            }
            return true;
        }
        catch (AegisException e) when (e.Error.Code is NoLog or GoneLog)
        {
            return e.Error.Code == GoneLog;
        }
    }
}
