namespace Aegis.Client;

public partial class AegisClient
{
    /// <summary>One call from a workflow's text to a run.</summary>
    public Task<RunStarted> StartRunAsync(StartRun request, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, "v1/runs", Body(request, ClientJson.Default.StartRun),
            ClientJson.Default.RunStarted, cancel);

    /// <summary>Newest first, at most 200 a page; hand <see cref="RunPage.Next"/> in as cursor for
    /// more.</summary>
    public Task<RunPage> ListRunsAsync(string? status = null, int limit = 50, string? cursor = null,
        CancellationToken cancel = default) =>
        GetAsync($"v1/runs?limit={limit}"
            + (status is null ? "" : $"&status={Escape(status)}")
            + (cursor is null ? "" : $"&cursor={Escape(cursor)}"), ClientJson.Default.RunPage, cancel);

    public Task<RunDetail> GetRunAsync(string runId, CancellationToken cancel = default) =>
        GetAsync($"v1/runs/{Escape(runId)}", ClientJson.Default.RunDetail, cancel);

    public async Task CancelRunAsync(string runId, string? reason = null, CancellationToken cancel = default)
    {
        using var reply = await SendAsync(HttpMethod.Post, $"v1/runs/{Escape(runId)}:cancel",
            Body(new CancelRun(reason), ClientJson.Default.CancelRun), null, cancel);
        await RequireOkAsync(reply, cancel);
    }

    /// <summary>Answers a task in doubt.</summary>
    /// <param name="answer"><c>done</c>, <c>retry</c> or <c>fail</c>.</param>
    public async Task ResolveTaskAsync(string runId, string stepId, string answer,
        CancellationToken cancel = default)
    {
        using var reply = await SendAsync(HttpMethod.Post,
            $"v1/runs/{Escape(runId)}/tasks/{Escape(stepId)}:resolve",
            Body(new ResolveTask(answer), ClientJson.Default.ResolveTask), null, cancel);
        await RequireOkAsync(reply, cancel);
    }

    /// <summary>Stored events after a version, at most 200 a page.</summary>
    public Task<EventPage> ListEventsAsync(string runId, int after = 0, int limit = 200,
        CancellationToken cancel = default) =>
        GetAsync($"v1/runs/{Escape(runId)}/events?after={after}&limit={limit}", ClientJson.Default.EventPage,
            cancel);
}
