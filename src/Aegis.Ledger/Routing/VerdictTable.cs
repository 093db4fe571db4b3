using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Runs.Events;
using Aegis.Core.Runs.Models;
using Aegis.Ledger.EventStore;
using Aegis.Ledger.ReadModels;
using Aegis.Ledger.Secrets;
using Aegis.Ledger.Tenants;

namespace Aegis.Ledger.Routing;

/// <summary>A verdict from outside on what a call got from models.</summary>
/// <param name="Kind">As VerdictWords has them.</param>
public sealed record CallVerdict(string CallId, string Kind, double Value, string Actor, DateTimeOffset At);

/// <summary>Verdicts that doors bring, as role app. The verdict and its fact are one transaction.</summary>
public sealed class VerdictTable(LedgerDatabase database)
{
    // calls of a session that were under way at once
    private const int NearMax = 5_000;

    /// <summary>The models that the call was answered by, each of which is judged; null where there is no
    /// such call.</summary>
    /// <exception cref="AegisException">AEGIS2345: no model answered in it; AEGIS2346: this actor judged it
    /// so already.</exception>
    public async Task<ImmutableArray<JudgedModel>?> JudgeAsync(
        TenancyKeys keys, CallVerdict verdict, CancellationToken cancel)
    {
        await using var session = await database.OpenProjectAsync(keys.Tenant, keys.Project, cancel);
        if (await FindAsync(session, keys, verdict.CallId, cancel) is not { } call)
        {
            return null;
        }
        ImmutableArray<JudgedModel> models = [.. (call.Models ?? [])
            .Where(u => u.Outcome == ModelUse.Answered)
            .Select(u => ModelUsageKey.Of(call.StepId, u, verdict.At))
            .Select(k => new JudgedModel(k.TaskType, k.Provider, k.Model)).Distinct()];
        if (models.IsEmpty)
        {
            throw new AegisException(new AegisError("AEGIS2345",
                $"no model answered in the call {verdict.CallId}", "a call that a model answered",
                call.Tool, "name the call that asked the model; a run's events and a session's answers do"));
        }
        var added = 0;
        foreach (var model in models)
        {
            await using var add = session.Command("verdicts.add", keys.Tenant, keys.Project, verdict.CallId,
                verdict.Kind, verdict.Actor,
                VerdictRow.Digest(model.TaskType, model.Provider, model.Model), model.TaskType,
                model.Provider, model.Model, verdict.Value, verdict.At);
            added += await add.ExecuteNonQueryAsync(cancel);
        }
        if (added < models.Length)
        {
            throw new AegisException(new AegisError("AEGIS2346",
                $"{verdict.Actor} judged the call {verdict.CallId} already", $"one verdict {verdict.Kind}",
                "another one", "a verdict stands; judge another call"));
        }
        await SecretFact.AddToAsync(session, keys, ModelStream.Verdicts(StreamOf(verdict.CallId)),
            new ModelJudged(SecretFact.NewId(), verdict.CallId, verdict.Kind, verdict.Value, verdict.Actor,
                models), cancel);
        await session.CommitAsync(cancel);
        return models;
    }

    private static async Task<ToolReturned?> FindAsync(
        ProjectSession session, TenancyKeys keys, string callId, CancellationToken cancel)
    {
        if (!callId.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'))
        {
            return null;
        }
        var of = StreamOf(callId);
        var (stream, first, last) = (of, 1, int.MaxValue);
        if (of.StartsWith("call_", StringComparison.Ordinal))
        {
            _ = int.TryParse(callId.AsSpan(callId.LastIndexOf('.') + 1), NumberStyles.None,
                CultureInfo.InvariantCulture, out var number);
            (stream, first) = (CallStream.Of(of), Math.Max(1, number - NearMax));
            last = (int)Math.Min(int.MaxValue, (long)number + NearMax);
        }
        await using var find = session.Command("verdicts.call", keys.Tenant, keys.Project, stream, first,
            last, Encoding.UTF8.GetBytes($"\"call_id\":{JsonSerializer.Serialize(callId)}"));
        return await find.ExecuteScalarAsync(cancel) is byte[] payload
            && RunEventCodec.Decode(nameof(ToolReturned), payload) is ToolReturned found
            && found.CallId == callId
            ? found
            : null;
    }

    private static string StreamOf(string callId) => callId.Split('.')[0];
}
