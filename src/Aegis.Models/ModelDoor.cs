using Aegis.Core.Errors;
using Aegis.Core.Catalogue;
using Aegis.Core.Profiles;
using Aegis.Models.Rehearsals;
using Aegis.Models.Wire;
using Microsoft.Extensions.AI;

namespace Aegis.Models;

/// <summary>A key that the caller has for this address by its name; null where there is none.</summary>
public delegate ValueTask<string?> ModelKeys(string name, Uri address, CancellationToken cancel);

/// <summary>The only way to a model: finds the provider in the profile, keeps the call within the budget, and
/// says where the words come from.</summary>
/// <param name="hostKey">The host's own key of that name; null where it has none.</param>
public sealed class ModelDoor(Func<string, string?> hostKey, ModelDoorOptions? options = null) : IDisposable
{
    /// <summary>In <see cref="Exception.Data"/> of a refusal after the act: what was spent all the
    /// same.</summary>
    public const string SpentUsd = "spent_usd";

    private static readonly TokenRates Free = new(default);
    private readonly ModelDoorOptions _options = options ?? new ModelDoorOptions();
    private readonly OpenAiWire _wire = new(options ?? new ModelDoorOptions());

    /// <param name="rehearsal">The file that the profile names; null where it names none.</param>
    /// <param name="budgetLeftUsd">What may still be spent; null for no cap. A call that could cost more is
    /// refused before it is made, or its answer is cut to what is affordable.</param>
    /// <param name="said">Hears the words as they come, where the request wants that.</param>
    /// <param name="keys">The caller's own keys, which come before the host's; null for none.</param>
    /// <exception cref="AegisException">AEGIS2320 to 2359.</exception>
    public async ValueTask<ModelReply> ChatAsync(Profile profile, RehearsalFile? rehearsal,
        ModelRequest request, decimal? budgetLeftUsd, CancellationToken cancel,
        Func<string, ValueTask>? said = null, ModelKeys? keys = null)
    {
        CheckRequest(request);
        said = request.Streams ? said : null;
        var route = ModelRoute.Of(profile, request, Catalogue);
        if (profile.Rehearsal is null)
        {
            return rehearsal is null
                ? await CallAsync(
                    route, Usual(request, profile, route), budgetLeftUsd, said, keys, cancel)
                : throw ModelErrors.RehearsalNotNamed();
        }
        var reply = Rehearse(rehearsal ?? throw ModelErrors.RehearsalMissing(profile.Rehearsal), route,
            request, budgetLeftUsd);
        await (said?.Invoke(reply.Text) ?? ValueTask.CompletedTask);
        return reply;
    }

    /// <summary>The catalogue as it is now.</summary>
    public ModelCatalogue Catalogue => _options.Catalogue();

    public void Dispose() => _wire.Dispose();

    // what the call does not say, the profile does; what the model does not know is not sent
    private static ModelRequest Usual(ModelRequest request, Profile profile, ModelRoute route)
    {
        var usual = request.WithDefaults(profile.Generation);
        return usual with
        {
            MaxTokens = Math.Min(usual.MaxTokens!.Value, route.Facts?.OutputTokensMax ?? int.MaxValue),
            Temperature = route.Facts?.Temperature == false ? null : usual.Temperature,
        };
    }

    private static ModelReply Rehearse(RehearsalFile rehearsal, ModelRoute route, ModelRequest request,
        decimal? budgetLeftUsd)
    {
        var turn = RehearsalDesk.Answer(rehearsal, request);
        if (budgetLeftUsd is { } left && turn.CostUsd > left)
        {
            throw ModelErrors.OverBudget("the rehearsed reply costs more than is left", turn.CostUsd, left);
        }
        return new(turn.Reply, route.Provider, route.Model, rehearsal.Origin, turn.InputTokens,
            turn.OutputTokens,
            turn.CostUsd);
    }

    private async ValueTask<string?> KeyAsync(ModelRoute route, ModelKeys? keys, CancellationToken cancel)
    {
        if (route.KeyName is not { } name)
        {
            return null;
        }
        var own = keys is null ? null : await keys(name, route.BaseUrl!, cancel);
        return own is { Length: > 0 } ? own
            : route.HostMayLend && hostKey(name) is { Length: > 0 } lent ? lent
            : throw ModelErrors.NoKey(route.Provider, name);
    }

    private async ValueTask<ModelReply> CallAsync(ModelRoute route, ModelRequest request, decimal? left,
        Func<string, ValueTask>? said, ModelKeys? keys, CancellationToken cancel)
    {
        var key = await KeyAsync(route, keys, cancel);
        var tokens = left is { } budget ? Affordable(route, request, budget) : request.MaxTokens;
        using var client = _wire.Client(route, key);
        var messages = request.Messages.Select(m => new ChatMessage(new ChatRole(m.Role), m.Text));
        var options = new ChatOptions
        {
            ModelId = route.Model,
            Temperature = (float?)request.Temperature,
            MaxOutputTokens = tokens,
        };
        var answer = said is null ? await client.GetResponseAsync(messages, options, cancel)
            : await StreamedAsync(client.GetStreamingResponseAsync(messages, options, cancel), said);
        var input = answer.Usage?.InputTokenCount ?? 0;
        var output = answer.Usage?.OutputTokenCount ?? 0;
        var cost = route.Rates?.Cost(input, output) ?? 0;
        if (left is { } cap)
        {
            Settle(route, answer, cost, cap);
        }
        return new(answer.Text, route.Provider, answer.ModelId ?? route.Model, "live", input, output, cost);
    }

    private static async ValueTask<ChatResponse> StreamedAsync(
        IAsyncEnumerable<ChatResponseUpdate> coming, Func<string, ValueTask> said)
    {
        var updates = new List<ChatResponseUpdate>();
        await foreach (var update in coming)
        {
            updates.Add(update);
            if (update.Text is { Length: > 0 } words)
            {
                await said(words);
            }
        }
        return updates.ToChatResponse();
    }

    private static void Settle(ModelRoute route, ChatResponse answer, decimal cost, decimal left)
    {
        if (answer.Usage is null && route.Rates is { } rates && rates != Free)
        {
            throw Spent(ModelErrors.BadReply(route.Provider,
                "it states no usage, and the run has a cost cap"), left);
        }
        if (cost > left)
        {
            throw Spent(ModelErrors.OverBudget($"the reply of {route.Provider} cost more than was left", cost,
                left),
                cost);
        }
    }

    private static AegisException Spent(AegisException error, decimal usd)
    {
        error.Data[SpentUsd] = usd;
        return error;
    }

    // The dearest this call can become is known before it is made; the answer is capped to what the rest
    // buys.
    private static int? Affordable(ModelRoute route, ModelRequest request, decimal left)
    {
        var rates = route.Rates ?? throw ModelErrors.NoPrice(route.Provider, route.Model);
        var input = PromptTokens.Bound(request.Messages.Select(m => m.Text));
        var price = rates.For(input);
        var rest = left - price.Cost(input, 0);
        if (price.OutputUsd == 0)
        {
            return rest >= 0 ? request.MaxTokens
                : throw ModelErrors.OverBudget("the prompt alone could cost more than is left", left - rest,
                    left);
        }
        var affordable = (long)Math.Clamp(Math.Floor(rest * 1_000_000m / price.OutputUsd), -1, int.MaxValue);
        if (affordable < 1)
        {
            throw ModelErrors.OverBudget("this call could cost more than is left", price.Cost(input, 1),
                left);
        }
        return (int)Math.Min(affordable, request.MaxTokens ?? int.MaxValue);
    }

    private void CheckRequest(ModelRequest request)
    {
        if (request.Messages.IsDefaultOrEmpty)
        {
            throw ModelErrors.BadRequest("it has no messages");
        }
        if (request.Messages.FirstOrDefault(m =>
            m.Role is not ("system" or "user" or "assistant")) is { } odd)
        {
            throw ModelErrors.BadRequest($"a message has the role {odd.Role}", "system, user or assistant");
        }
        if (request.Messages.Sum(m => (long)m.Text.Length) > _options.PromptCharsMax)
        {
            throw ModelErrors.BadRequest("the conversation is too long",
                $"at most {_options.PromptCharsMax} characters");
        }
    }
}
