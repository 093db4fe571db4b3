using System.IO.Pipelines;
using Aegis.Core.Errors;
using Aegis.Core.Profiles;
using Aegis.Models.Learning;
using Aegis.Models.Protocols.Bodies;
using Aegis.Models.Rehearsals;
using Aegis.Models.Upstreams;

namespace Aegis.Models.Calls;

/// <summary>The one way of a call to a model, whoever makes it: who may answer, who shall, and the call
/// itself with all that can happen to it.</summary>
public sealed class ModelRunner(RunnerParts parts)
{
    private readonly CandidateBook book = new(parts.Catalogue);

    /// <summary>Runs a call to its end. What goes wrong is told by the end; nothing is thrown for
    /// it.</summary>
    /// <param name="begin">Called once when a stream's first event is there, for where it is written to; null
    /// for an answer in one piece.</param>
    public async ValueTask<ModelCallEnd> RunAsync(
        ModelCall call, ModelCaller by, Func<PipeWriter>? begin, CancellationToken cancel)
    {
        CallChain chain;
        IUpstream upstream;
        string taskType;
        try
        {
            upstream = UpstreamOf(call, by);
            var set = book.Of(by.Profile, call.Asked, call.Provider, call.Kind);
            taskType = call.TaskType ?? set.TaskType;
            chain = CallChain.Of(call, by, set, book, parts.Memory, taskType, parts.Time.GetUtcNow());
            Watch(call, by, set, taskType);
        }
        catch (AegisException e)
        {
            return new(null, default, CallFailures.Wire(e.Error), e.Error);
        }
        using var recorder = by.Recording is { } recording
            ? new Recorder(upstream, recording, call.Agent, call.Turn, chain.CostOf, by.Mask) : null;
        return await new CallRun(parts, call, by, recorder ?? upstream, chain, taskType, begin)
            .RunAsync(cancel);
    }

    /// <summary>What would be done with such a call now, and why; nothing is called.</summary>
    /// <param name="seed">Of a choice by score.</param>
    public CallOutlook Explain(CallSketch sketch, ModelCaller by, ulong seed)
    {
        var call = sketch.ToCall(sketch.Kind ?? KindOf(by.Profile, sketch.Asked) ?? AnswerKind.Chat);
        var now = parts.Time.GetUtcNow();
        CandidateSet set;
        try
        {
            set = book.Of(by.Profile, call.Asked, call.Provider, call.Kind);
        }
        catch (AegisException e)
        {
            return CallOutlook.Of(CallChain.Request(call, by, by.Profile.IsLocal,
                call.TaskType ?? CandidateSet.General, seed), now, e.Error);
        }
        var taskType = call.TaskType ?? set.TaskType;
        if (set.IsScored)
        {
            return CallOutlook.Of(CallChain.Choose(call, by, set, parts.Memory, taskType, now, seed));
        }
        var chain = CallChain.Of(call, by, set, book, parts.Memory, taskType, now);
        return CallOutlook.Of(chain, call, by, CallChain.Request(call, by, set.LocalOnly, taskType, seed),
            parts.Memory, now);
    }

    /// <summary>What a name of the profile makes; null for something that no door of ours makes.</summary>
    public AnswerKind? KindOf(Profile profile, string asked) => book.KindOf(profile, asked);

    private IUpstream UpstreamOf(ModelCall call, ModelCaller by) =>
        (by.Profile.Rehearsal, by.Rehearsal) switch
        {
            (null, null) => parts.Providers,
            (null, _) => throw ModelErrors.RehearsalNotNamed(),
            ({ } name, null) => throw ModelErrors.RehearsalMissing(name),
            (_, { } file) => parts.Rehearse(file, call),
        };

    // a model that is named, not chosen, is looked after: when it fails for good another stands in for it
    private void Watch(ModelCall call, ModelCaller by, CandidateSet set, string taskType)
    {
        if (set.IsScored || by.Profile.Rehearsal is not null)
        {
            return;
        }
        var all = book.TryEveryone(by.Profile, call.Kind);
        if (all is { Candidates.Length: > 1 })
        {
            parts.Memory.Watch(new NamedModel(by.Tenancy, by.Tenancy.Tenant, taskType,
                set.Candidates[0].Key, all.Candidates));
        }
    }
}
