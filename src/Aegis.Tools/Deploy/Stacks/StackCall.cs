using System.Collections.Immutable;
using System.Security.Cryptography;
using Aegis.Core.Deployments.Stacks;
using Aegis.Core.Errors;
using Aegis.Core.Policy;
using Aegis.Gate;
using Aegis.Ledger.Stacks;
using Aegis.Tools.Files;

namespace Aegis.Tools.Deploy.Stacks;

/// <summary>One call of a stack's tool under its lock: the state as it stands, and as it becomes.</summary>
/// <param name="probes">It looks for what a call before did, and adds nothing to that one's log.</param>
internal sealed class StackCall(StackProgram program, StackInput input, Execution execution,
    TimeProvider time, CancellationToken cancel, bool probes = false)
{
    private byte[]? state;
    private string? digest;
    private StackOrder? order;

    public StackInput Input => input;

    public Execution Execution => execution;

    public CancellationToken Cancel => cancel;

    /// <summary>Of the state; null before there is one.</summary>
    public int? Version { get; private set; }

    public async Task OpenAsync()
    {
        if (await execution.Stacks.ListAsync(input.Name, StackFile.State, cancel) is [var newest, ..])
        {
            (Version, digest) = (newest.Version, newest.Digest);
            state = await execution.Stacks.OpenAsync(input.Name, StackFile.State, newest.Version, cancel);
        }
    }

    /// <summary>Runs the action, and keeps the state that comes out of it, however it ended.</summary>
    public async Task<StackRun> RunAsync(byte[]? plan)
    {
        _ = WorkPath.TryResolve(input.Path, out var folder, out _);
        var variables = await VariablesAsync();
        order = new StackOrder(input.Action, folder, input.Name, input.Destroy, input.Program,
            await EnvironmentAsync(variables), program.VariablePrefix is null ? variables : [], state, plan,
            TimeSpan.FromMinutes(input.Minutes), probes);
        var run = await StackScript.RunAsync(program, order, execution,
            bytes => KeepAsync(bytes, "while it was applied"), time, cancel);
        // a plan refreshes what it reads of the state, and saves nothing of that; the first one may have made
        // what everything after it is bound to, such as Pulumi's passphrase
        if (run.Frames.TryGetValue("state", out var after) && !probes
            && (input.Action is not StackInput.PlanAction || state is null)
            && after.Length <= StackLimits.StateBytesMax)
        {
            await KeepAsync(after, run.Note(input.Action));
        }
        return run;
    }

    public AegisError? Fault(StackRun run) => run.Fault(program, order!);

    /// <summary>Keeps a state that differs from the one before. Nobody's patience ends this: what was made
    /// must be known.</summary>
    public async ValueTask KeepAsync(byte[] after, string note)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(after));
        if (hash != digest && (state is not null || !IsEmpty(after)))
        {
            Version = await execution.Stacks.SealAsync(
                input.Name, StackFile.State, note, Version, after, CancellationToken.None);
            (state, digest) = (after, hash);
        }
    }

    private async Task<ImmutableSortedDictionary<string, string>> EnvironmentAsync(
        ImmutableArray<StackVariable> variables)
    {
        var env = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (name, secret) in input.Secrets ?? Empty)
        {
            env[name] = CommandWords.Quoted(await SecretAsync(secret));
        }
        foreach (var (name, secret) in input.Placeholders ?? Empty)
        {
            // by this variable the sandbox has the placeholder, where the secret is bound to a host in reach
            env[name] = $"\"${{{CommandSecrets.VariableOf(secret)}:-}}\"";
        }
        foreach (var variable in program.VariablePrefix is null ? [] : variables)
        {
            env[program.VariablePrefix + variable.Name] = CommandWords.Quoted(variable.Value);
        }
        return env.ToImmutable();
    }

    // a secret one comes behind a plain one of its name, and counts
    private async Task<ImmutableArray<StackVariable>> VariablesAsync()
    {
        var all = ImmutableArray.CreateBuilder<StackVariable>();
        all.AddRange((input.Vars ?? Empty).Select(v => new StackVariable(v.Key, v.Value, false)));
        foreach (var (name, secret) in input.SecretVars ?? Empty)
        {
            all.Add(new StackVariable(name, await SecretAsync(secret), true));
        }
        return all.ToImmutable();
    }

    private async Task<string> SecretAsync(string name) => await execution.SecretAsync(name, null, cancel)
        ?? throw new AegisException(Execution.NoSecret(name));

    private static ImmutableSortedDictionary<string, string> Empty =>
        ImmutableSortedDictionary<string, string>.Empty;

    private static bool IsEmpty(byte[] archive)
    {
        using var bytes = new MemoryStream(archive);
        using var tar = new System.Formats.Tar.TarReader(bytes);
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.EntryType != System.Formats.Tar.TarEntryType.Directory)
            {
                return false;
            }
        }
        return true;
    }
}
