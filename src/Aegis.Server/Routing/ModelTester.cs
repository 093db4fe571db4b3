using System.Globalization;
using System.IO.Pipelines;
using Aegis.Core.Errors;
using Aegis.Core.Runs.Models;
using Aegis.Gate;
using Aegis.Gate.Models;
using Aegis.Models.Protocols.Bodies;
using Aegis.Server.Gateway;
using Aegis.Server.Rooms;

namespace Aegis.Server.Routing;

/// <summary>Asks models for a short answer, as their caller: by the gate, recorded and paid for like every
/// call. A few at once: what is measured is the models, and no provider is run over.</summary>
internal sealed class ModelTester(DoorParts parts, GatewaySessions sessions)
{
    public async Task<ModelTestsAnswer> AskAsync(
        Principal by, TestModelsRequest wish, CancellationToken cancel)
    {
        var desk = parts.ModelDesk;
        var profile = await desk.ProfileAsync(by, cancel);
        IReadOnlyList<string> names = wish.All
            ? [.. ListedName.Models(profile, desk.Catalogue).Select(n => n.Id).Order(StringComparer.Ordinal)]
            : wish.Models ?? [.. profile.Models.Keys];
        if (names.Count == 0 && wish.Models is null)
        {
            throw new AegisException(NothingToTest(wish.All));
        }
        var kinds = names.Distinct().Select(n => (Name: n, Kind: desk.KindOf(profile, n)))
            .Where(n => !wish.All || n.Kind is not null).ToList();
        using var turns = new SemaphoreSlim(DoorLimits.ModelTestsAtOnceMax);
        var told = await Task.WhenAll(kinds.Take(DoorLimits.ModelTestsMax).Select(async n =>
        {
            await turns.WaitAsync(cancel);
            try
            {
                return await AskAsync(by, n.Name, n.Kind ?? AnswerKind.Chat, cancel);
            }
            finally
            {
                turns.Release();
            }
        }));
        return new(told, told.Count(t => t.Error is not null),
            Math.Max(0, kinds.Count - DoorLimits.ModelTestsMax));
    }

    private async Task<ModelTestAnswer> AskAsync(
        Principal by, string name, AnswerKind kind, CancellationToken cancel)
    {
        string? id = null;
        var call = ModelTestCall.Of(name, kind);
        // nobody listens to the words
        var client = new ModelClient(call, call.Stream ? () => PipeWriter.Create(Stream.Null) : null);
        using var limit = new CancellationTokenSource(DoorLimits.ModelTestMax, parts.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
        try
        {
            var session = await sessions.OfAsync(by, either.Token);
            var outcome = await parts.CallDesk.ModelAsync(session, GatewayBody.ToolOf(kind),
                GatewayBody.Input(call), client, heard => id = heard, either.Token);
            cancel.ThrowIfCancellationRequested();
            var use = client.End?.Use;
            return ModelTestAnswer.Of(name, kind, use, id, client.End is not { } end ? outcome.Result.Error
                : use?.Outcome == ModelUse.Aborted ? TimedOut(name) : end.Error);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return ModelTestAnswer.Of(name, kind, null, id, TimedOut(name));
        }
    }

    private static AegisError NothingToTest(bool all) => new("AEGIS2432", "there is no model to test",
        all ? "a provider of the profile with models" : "an alias of the profile",
        Mend: all ? "add a provider to profile.yaml" : "name models, or add aliases to profile.yaml");

    private static AegisError TimedOut(string name) => new("AEGIS2433", string.Create(
        CultureInfo.InvariantCulture,
        $"{name} gave no whole answer within {DoorLimits.ModelTestMax.TotalSeconds} s"),
        Mend: "try again: a local model may have been loading");
}
