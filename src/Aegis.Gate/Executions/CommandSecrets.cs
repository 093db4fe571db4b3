using System.Collections.Immutable;
using Aegis.Core;
using Aegis.Core.Policy;
using Aegis.Gate.Models;
using Aegis.Ledger.Secrets;
using Aegis.Ledger.Tenants;
using Aegis.Sandbox.Egress;

namespace Aegis.Gate;

/// <summary>The secrets of the project that are bound to hosts which a call's commands may reach. Inside the
/// sandbox there is a variable with a placeholder for each; a value leaves the vault by a recorded
/// use.</summary>
public sealed class CommandSecrets : IEgressSecrets
{
    /// <summary>Placeholders of one command; further secrets, by name, are not offered.</summary>
    public const int OfferedMax = 100;

    private readonly SecretVault vault;
    private readonly TenancyKeys keys;
    private readonly CallContext context;
    private readonly ImmutableArray<Offer> offers;

    private CommandSecrets(SecretVault vault, TenancyKeys keys, CallContext context,
        ImmutableArray<Offer> offers, ImmutableArray<string> values)
    {
        (this.vault, this.keys, this.context, this.offers) = (vault, keys, context, offers);
        Values = values;
        Variables = offers.GroupBy(offer => offer.Variable).ToImmutableSortedDictionary(
            same => same.Key, same => same.First().Placeholder);
    }

    public ImmutableSortedDictionary<string, string> Variables { get; }

    /// <summary>What must never show in a log or a result of the call.</summary>
    public ImmutableArray<string> Values { get; }

    /// <summary>Null where nothing is bound to a host that the call's policy names.</summary>
    public static async ValueTask<CommandSecrets?> FindAsync(SecretVault vault, TenancyKeys keys,
        CallContext context, CancellationToken cancel)
    {
        var allowed = Rules(context.Policy.EgressAllow);
        var offers = (await vault.ListAsync(keys, cancel))
            .Where(secret => !Keyring.IsOfAnother(context.Principal.Actor, secret.Name))
            .Select(secret => new Offer(secret.Name,
                SecretPlaceholder.Of(context.Run.Value, secret.Name), Rules(secret.Hosts)))
            .Where(offer => offer.Hosts.Any(host => allowed.Any(host.Meets)))
            .OrderBy(offer => offer.Name, StringComparer.Ordinal).Take(OfferedMax).ToImmutableArray();
        var values = ImmutableArray.CreateBuilder<string>();
        foreach (var offer in offers)
        {
            values.AddRange((await vault.PeekAsync(context.Principal.Tenancy, keys, offer.Name, cancel))
                .Select(secret => secret.Value));
        }
        return offers.IsEmpty ? null
            : new CommandSecrets(vault, keys, context, offers, values.ToImmutable());
    }

    public ImmutableArray<string> At(EgressTarget place) =>
    [
        .. offers.Where(offer => offer.Hosts.Any(host => host.CoversPlace(place)))
            .Select(offer => offer.Placeholder),
    ];

    public async ValueTask<string?> OpenAsync(string placeholder, EgressTarget place,
        CancellationToken cancel)
    {
        var use = new SecretUse(context.Principal.Actor, "egress", place.Host, context.Run.Value,
            context.StepId);
        return (await vault.UseBoundAsync(context.Principal.Tenancy, keys,
            offers.First(offer => offer.Placeholder == placeholder).Name, use, place, cancel))?.Value;
    }

    /// <summary>The variable that holds a secret's placeholder inside the sandbox.</summary>
    public static string VariableOf(string name) => $"AEGIS_SECRET_{string.Concat(
        name.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_'))}";

    private static ImmutableArray<EgressRule> Rules(ImmutableArray<string> entries) =>
        [.. entries.Select(EgressRule.Parse).OfType<EgressRule>()];

    private sealed record Offer(string Name, string Placeholder, ImmutableArray<EgressRule> Hosts)
    {
        public string Variable => VariableOf(Name);
    }
}
