namespace Aegis.Client;

public partial class AegisClient
{
    /// <summary>Validates and stores a workflow. A refusal carries every error of the file in
    /// <see cref="Problem.Errors"/>.</summary>
    public Task<PlanSummary> CreatePlanAsync(CreatePlan request, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, "v1/plans:create", Body(request, ClientJson.Default.CreatePlan),
            ClientJson.Default.PlanSummary, cancel);

    public Task<PlanDetail> GetPlanAsync(string planId, CancellationToken cancel = default) =>
        GetAsync($"v1/plans/{Escape(planId)}", ClientJson.Default.PlanDetail, cancel);

    public Task<PlanStatus> GetPlanStatusAsync(string planId, CancellationToken cancel = default) =>
        GetAsync($"v1/plans/{Escape(planId)}/status", ClientJson.Default.PlanStatus, cancel);

    /// <summary>Starts a run of a plan; <see cref="StartRun.Workflow"/> must be null here.</summary>
    public Task<RunStarted> RunPlanAsync(
        string planId, StartRun request, CancellationToken cancel = default) =>
        CallAsync(HttpMethod.Post, $"v1/plans/{Escape(planId)}:run",
            Body(request, ClientJson.Default.StartRun),
            ClientJson.Default.RunStarted, cancel);
}
