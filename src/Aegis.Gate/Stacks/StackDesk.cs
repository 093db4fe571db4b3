using System.Collections.Immutable;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Ledger.Stacks;
using Aegis.Ledger.Tenants;

namespace Aegis.Gate.Stacks;

/// <summary>What stacks of all projects keep.</summary>
public sealed class StackDesk(StackVault vault, TenantDirectory tenants)
{
    internal StackVault Vault => vault;

    internal async ValueTask<TenancyKeys> KeysAsync(Tenancy tenancy, CancellationToken cancel) =>
        await tenants.ResolveAsync(tenancy, cancel)
            ?? throw new AegisException(new AegisError("AEGIS5025", $"there is no project {tenancy}"));
}

/// <summary>States and plans of the project's stacks, as one call reaches them.</summary>
public sealed class CallStacks
{
    private readonly StackDesk? desk;
    private readonly CallContext? context;

    internal CallStacks(StackDesk? desk, CallContext context) => (this.desk, this.context) = (desk, context);

    private CallStacks()
    {
    }

    /// <summary>Of an execution that has none.</summary>
    public static CallStacks None { get; } = new();

    private StackDesk Desk => desk ?? throw new AegisException(new AegisError("AEGIS2669",
        "this node keeps no stacks", "a server with a vault", null, "deploy on another server"));

    private CallContext Context => context!;

    /// <summary>The newest first.</summary>
    public async ValueTask<ImmutableArray<StackFile>> ListAsync(
        string name, string kind, CancellationToken cancel) =>
        await Desk.Vault.ListAsync(await KeysAsync(cancel), name, kind, cancel);

    /// <summary>The bytes of a version; null where it is not kept.</summary>
    public async ValueTask<byte[]?> OpenAsync(
        string name, string kind, int version, CancellationToken cancel) =>
        await Desk.Vault.OpenAsync(
            Context.Principal.Tenancy, await KeysAsync(cancel), name, kind, version, cancel);

    /// <summary>Keeps bytes as the next version, which is returned.</summary>
    public async ValueTask<int> SealAsync(string name, string kind, string note, int? stands,
        ReadOnlyMemory<byte> content, CancellationToken cancel) =>
        await Desk.Vault.SealAsync(Context.Principal.Tenancy, await KeysAsync(cancel), name,
            new StackNote(kind, note, Context.CallId, Context.Principal.Actor, stands), content, cancel);

    /// <summary>Says what this call does with a plan; false where another call has used it.</summary>
    public async ValueTask<bool> UseAsync(string name, int plan, string used, CancellationToken cancel) =>
        await Desk.Vault.UseAsync(await KeysAsync(cancel), name, plan, used, Context.CallId, cancel);

    private ValueTask<TenancyKeys> KeysAsync(CancellationToken cancel) =>
        Desk.KeysAsync(Context.Principal.Tenancy, cancel);
}
