using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.Vaccines;
using Aegis.Gate.Policies;
using Aegis.Ledger.Vaccines;

namespace Aegis.Gate.Vaccines;

/// <summary>The vaccines as one call of a tool reaches them.</summary>
public sealed class CallVaccines
{
    private readonly VaccineDesk? desk;
    private readonly IVaccines told;
    private readonly VaccineGuard guard;
    private readonly CallContext? context;
    private readonly string tool;

    internal CallVaccines(
        VaccineDesk? desk, IVaccines told, VaccineGuard guard, CallContext context, string tool) =>
        (this.desk, this.told, this.guard, this.context, this.tool) = (desk, told, guard, context, tool);

    private CallVaccines() => (told, guard, tool) = (NoVaccines.Instance, VaccineGuard.None, "");

    /// <summary>Of an execution that has none.</summary>
    public static CallVaccines None { get; } = new();

    /// <summary>Whether any looks at a file of this path, relative to the workspace: only then what it would
    /// hold is worth reading.</summary>
    public bool Read(string path) => guard.Reads(path);

    /// <summary>Why files must not become so, before any of them is written; null for nothing. It is
    /// counted.</summary>
    public AegisError? Against(IEnumerable<ProposedFile> files)
    {
        if (guard.Against(files) is not { } stop)
        {
            return null;
        }
        told.Stopped(context!.Principal, tool, stop, context.CallId);
        return VaccineErrors.Stops(stop);
    }

    /// <exception cref="AegisException">With what is wrong with the order.</exception>
    public Task<MintedVaccine> MintAsync(VaccineOrder order, CancellationToken cancel) =>
        Desk.MintAsync(context!.Principal, order with { CallId = context.CallId }, cancel);

    /// <summary>Best first, as many as fit.</summary>
    public Task<ImmutableArray<Vaccine>> SearchAsync(VaccineQuery query, CancellationToken cancel) =>
        Desk.SearchAsync(context!.Principal, query, cancel);

    /// <summary>Keeps what a model made of the words of a vaccine.</summary>
    public Task EmbedAsync(string id, string model, float[] vector, CancellationToken cancel) =>
        Desk.EmbedAsync(context!.Principal, id, model, vector, cancel);

    /// <summary>It stopped good code.</summary>
    public async Task<Vaccine> ReportAsync(string id, string reason, CancellationToken cancel) =>
        await Desk.ReportAsync(context!.Principal, id, reason, cancel)
            ?? throw new AegisException(VaccineErrors.Unknown(id));

    private VaccineDesk Desk => desk ?? throw new AegisException(VaccineErrors.NoMemory);
}
