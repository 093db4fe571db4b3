using System.Collections.Immutable;
using System.Text;
using Aegis.Core.Budgets;
using Aegis.Core.Errors;
using Aegis.Core.Runs.Models;
using Aegis.Gate.Models;
using Aegis.Models;
using Aegis.Models.Calls;

namespace Aegis.Gate;

/// <summary>The models that one call asks, and what they used.</summary>
internal sealed class ModelWork(GateExecution execution, ExecutionParts parts, ModelClient? client)
{
    private readonly List<ModelUse> used = [];
    private decimal recordedUsd;

    public decimal SpentUsd { get; private set; }

    public ImmutableArray<ModelUse>? Used => used.Count == 0 ? null : [.. used];

    /// <summary>Hands over what was used so far, for somebody who records it before the call ends.</summary>
    public (decimal CostUsd, ImmutableArray<ModelUse>? Used) Take()
    {
        var taken = (SpentUsd, Used);
        recordedUsd += SpentUsd;
        SpentUsd = 0;
        used.Clear();
        return taken;
    }

    /// <summary>Asks for words; they go to the log as they come, where the request wants that.</summary>
    public async ValueTask<ModelReply> ChatAsync(ModelRequest request, CancellationToken cancel)
    {
        var reply = await parts.Profiles.Models.ChatAsync(await CallerAsync(cancel), request, cancel,
            words => execution.OpenLog().WriteAsync(Encoding.UTF8.GetBytes(words)), Note);
        return reply with { Text = execution.Redactor.Redact(reply.Text) };
    }

    /// <summary>Makes a call of a protocol; the client that waits for it is answered.</summary>
    public async ValueTask<ModelCallEnd> RunAsync(ModelCall call, CancellationToken cancel)
    {
        var end = await parts.Profiles.Models.Runner.RunAsync(
            call, await CallerAsync(cancel), client?.Begin, cancel);
        if (end.Use is { } use)
        {
            Note(use);
        }
        client?.End = end;
        return end;
    }

    private async ValueTask<ModelCaller> CallerAsync(CancellationToken cancel)
    {
        var context = execution.Context;
        var limits = parts is { Budgets: { } budgets, Policies: { } policies } ? await budgets.PurseAsync(
            context, (await policies.OfAsync(context.Principal, cancel)).Limits, cancel) : null;
        var purse = context.BudgetLeftUsd is { } left
            ? new CapPurse(left - SpentUsd - recordedUsd, limits) : limits;
        var caller = await parts.Profiles.CallerAsync(context, Keys(), purse, cancel);
        return caller.Profile.Record is not { } name || parts.Recordings is not { } shelf ? caller
            : caller with
            {
                Recording = await shelf.OpenAsync(context.Principal, name, cancel),
                Mask = execution.Redactor.Redact,
            };
    }

    // the provider may repeat the key that it was sent
    private ModelKeys? Keys() => parts.Keys?.Of(execution.Context) is not { } find ? null
        : async (name, address, cancel) =>
        {
            var key = await find(name, address, cancel);
            // a client's answer is cleaned of the key where it is read
            if (key is not null && client is null)
            {
                execution.Mask(key);
            }
            return key;
        };

    private void Note(ModelUse use)
    {
        SpentUsd += use.CostUsd;
        used.Add(use);
    }
}
