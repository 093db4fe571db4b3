using Aegis.Core;
using Aegis.Core.Budgets;
using Aegis.Core.Profiles;
using Aegis.Core.Rehearsals;
using Aegis.Models.Rehearsals;

namespace Aegis.Models.Calls;

/// <summary>Who calls, and with what.</summary>
/// <param name="Rehearsal">The file that the profile names; null where it names none.</param>
/// <param name="Keys">The caller's own keys, which come before the host's; null for none.</param>
/// <param name="Purse">Null where nothing bounds what may be spent.</param>
public sealed record ModelCaller(Tenancy Tenancy, Profile Profile, RehearsalFile? Rehearsal,
    ModelKeys? Keys, IPurse? Purse)
{
    /// <summary>Takes the conversation down; null where nobody asks for that.</summary>
    public Recording? Recording { get; init; }

    /// <summary>Hides secrets in what is taken down.</summary>
    public Func<string, string>? Mask { get; init; }
}
