using System.Collections.Immutable;
using Aegis.Core;
using Aegis.Core.Catalogue;
using Aegis.Core.Errors;
using Aegis.Core.Profiles;
using Aegis.Core.Routing;
using Aegis.Core.Runs;
using Aegis.Gate.Budgets;
using Aegis.Gate.Policies;
using Aegis.Ledger.Tenants;
using Aegis.Models.Calls;
using Aegis.Models.Protocols.Bodies;

namespace Aegis.Gate;

/// <summary>Says what would become of somebody's call to a model, by the profile, the limits and the learning
/// that the call itself would go by. It asks no model and counts nothing.</summary>
public sealed class ModelDesk(ProfileShelf shelf, ProfileStore profiles, TenantDirectory tenants,
    PolicyShelf? policies = null, BudgetRoom? budgets = null)
{
    /// <summary>The catalogue as it is now.</summary>
    public ModelCatalogue Catalogue => shelf.Models.Catalogue;

    /// <param name="seed">Of a choice by score; null draws one.</param>
    public async ValueTask<CallOutlook> ExplainAsync(
        Principal by, CallSketch sketch, ulong? seed, CancellationToken cancel)
    {
        var call = await CallOfAsync(by, cancel);
        var purse = policies is null || budgets is null ? null
            : await budgets.PurseAsync(call, (await policies.OfAsync(by, cancel)).Limits, cancel);
        return shelf.Models.Runner.Explain(sketch, await shelf.CallerAsync(call, null, purse, cancel),
            seed ?? (ulong)Random.Shared.NextInt64(long.MinValue, long.MaxValue));
    }

    /// <summary>The profile that somebody's next call is made by.</summary>
    public async ValueTask<Profile> ProfileAsync(Principal by, CancellationToken cancel) =>
        await shelf.ProfileAsync(await CallOfAsync(by, cancel), cancel);

    /// <summary>What a name of a profile makes; null for something that no door makes.</summary>
    public AnswerKind? KindOf(Profile profile, string asked) =>
        shelf.Models.Runner.KindOf(profile, asked);

    private async ValueTask<CallContext> CallOfAsync(Principal by, CancellationToken cancel)
    {
        var keys = await tenants.ResolveAsync(by.Tenancy, cancel)
            ?? throw new InvariantViolationException($"project {by.Tenancy} is gone");
        var version = (await profiles.NewestAsync(keys, cancel))?.Version;
        return new CallContext(by, new RunId("none"), "none", 1, "none", new([], [], null, null),
            ImmutableSortedDictionary<string, string>.Empty, null, null, null, default, version);
    }
}
