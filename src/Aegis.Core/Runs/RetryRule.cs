using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Expressions;
using Aegis.Core.Plans;
using Aegis.Core.Runs.Commands;

namespace Aegis.Core.Runs;

/// <summary>Whether a failure is worth another try. Without retry.on everything is but what would fail the
/// same way again; with it, it alone decides.</summary>
internal static class RetryRule
{
    public static bool Wants(RunState run, PlanTask task, AttemptResult result, AegisError error)
    {
        if (task.Retry.On is not { } on)
        {
            return result.Retryable;
        }
        var kind = ClassOf(result, error);
        if (on.Condition is { } condition)
        {
            // a condition that cannot be evaluated asks for no retry
            return Condition.EvaluateBare(condition, new RunExpressionContext(run, task,
                error: ErrorJson(result, error, kind, run.Tasks[task.Index].Tries))).Value == true;
        }
        return on.Classes.Contains(FailureClasses.Any) || on.Classes.Contains(kind)
            || on.Codes.Contains(error.Code)
            || (result.ExitCode is { } exit && on.ExitCodes.Contains(exit));
    }

    /// <summary>Of a failure: the strongest thing that can be said of it.</summary>
    private static string ClassOf(AttemptResult result, AegisError error) =>
        result.Denied ? FailureClasses.Denied
        : result.Ok ? FailureClasses.Contract
        : error.Code is "AEGIS2005" or "AEGIS5005" or "AEGIS5053" ? FailureClasses.Timeout
        : error.Code is "AEGIS2001" ? FailureClasses.Invalid
        : FailureClasses.Failure;

    private static JsonElement ErrorJson(
        AttemptResult result, AegisError error, string kind, int tries) =>
        JsonSerializer.SerializeToElement(new Dictionary<string, object?>
        {
            ["code"] = error.Code,
            ["message"] = error.Message,
            ["class"] = kind,
            ["exit_code"] = result.ExitCode,
            ["output"] = result.Output,
            ["attempt"] = tries,
        });
}
