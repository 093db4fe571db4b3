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
        string? parent = null, CancellationToken cancel = default) =>
        GetAsync($"v1/runs?limit={limit}"
            + (status is null ? "" : $"&status={Escape(status)}")
            + (parent is null ? "" : $"&parent={Escape(parent)}")
            + (cursor is null ? "" : $"&cursor={Escape(cursor)}"), ClientJson.Default.RunPage, cancel);

    public Task<RunDetail> GetRunAsync(string runId, CancellationToken cancel = default) =>
        GetAsync($"v1/runs/{Escape(runId)}", ClientJson.Default.RunDetail, cancel);

    /// <summary>Starts a new run of the same plan that takes over the results which hold.</summary>
    public Task<RunRetried> RetryRunAsync(string runId, RetryRun? request = null,
        CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, $"v1/runs/{Escape(runId)}:retry",
            Body(request ?? new RetryRun(), ClientJson.Default.RetryRun), ClientJson.Default.RunRetried,
            cancel);

    public Task CancelRunAsync(string runId, string? reason = null, CancellationToken cancel = default) =>
        SteerAsync($"v1/runs/{Escape(runId)}:cancel", reason, cancel);

    /// <summary>What runs goes on, nothing begins until the run is resumed.</summary>
    public Task PauseRunAsync(string runId, string? reason = null, CancellationToken cancel = default) =>
        SteerAsync($"v1/runs/{Escape(runId)}:pause", reason, cancel);

    public Task ResumeRunAsync(string runId, CancellationToken cancel = default) =>
        SteerAsync($"v1/runs/{Escape(runId)}:resume", null, cancel);

    /// <summary>Newest first, at most 200 a page.</summary>
    /// <param name="status">pending, granted, denied, withdrawn, or null for all.</param>
    public Task<ApprovalPage> ListApprovalsAsync(string? status = "pending", int limit = 50,
        string? cursor = null, CancellationToken cancel = default) =>
        GetAsync("v1/approvals" + Page(status, limit, cursor), ClientJson.Default.ApprovalPage, cancel);

    public Task<Approval> GetApprovalAsync(string approvalId, CancellationToken cancel = default) =>
        GetAsync($"v1/approvals/{Escape(approvalId)}", ClientJson.Default.Approval, cancel);

    /// <summary>A queue of the tenant, oldest first: of all its projects where the key is the tenant's and no
    /// project was chosen.</summary>
    /// <param name="status">As above.</param>
    public Task<QueuePage> ListQueueAsync(string queue, string? status = "pending", int limit = 50,
        string? cursor = null, CancellationToken cancel = default) =>
        GetAsync($"v1/queues/{Escape(queue)}" + Page(status, limit, cursor), ClientJson.Default.QueuePage,
            cancel);

    /// <summary>Lets a step that waits for a human begin. Its approval's id is the run's, a dot, and the
    /// step's.</summary>
    /// <param name="queue">For a key that answers this queue only.</param>
    public Task GrantAsync(string approvalId, string? reason = null, string? queue = null,
        CancellationToken cancel = default) =>
        SteerAsync($"{AnswerOf(approvalId, queue)}:grant", reason, cancel);

    /// <summary>Fails a step that waits for a human.</summary>
    /// <param name="queue">For a key that answers this queue only.</param>
    public Task DenyAsync(string approvalId, string? reason = null, string? queue = null,
        CancellationToken cancel = default) =>
        SteerAsync($"{AnswerOf(approvalId, queue)}:deny", reason, cancel);

    private static string Page(string? status, int limit, string? cursor) => $"?limit={limit}"
        + (status is null ? "" : $"&status={Escape(status)}")
        + (cursor is null ? "" : $"&cursor={Escape(cursor)}");

    private static string AnswerOf(string approvalId, string? queue) =>
        (queue is null ? "v1/" : $"v1/queues/{Escape(queue)}/") + $"approvals/{Escape(approvalId)}";

    /// <summary>The tasks that stand on this one, near or far.</summary>
    public Task<AffectedTasks> ListAffectedAsync(string taskId, CancellationToken cancel = default) =>
        GetAsync($"v1/tasks/{Escape(taskId)}/affected", ClientJson.Default.AffectedTasks, cancel);

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

    private async Task SteerAsync(string path, string? reason, CancellationToken cancel)
    {
        using var reply = await SendAsync(HttpMethod.Post, path,
            Body(new SteerRun(reason), ClientJson.Default.SteerRun), null, cancel);
        await RequireOkAsync(reply, cancel);
    }
}
