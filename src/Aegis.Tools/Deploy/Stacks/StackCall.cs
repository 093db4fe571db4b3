using System.Collections.Immutable;
using System.Security.Cryptography;
using Aegis.Core.Deployments.Stacks;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Ledger.Stacks;
using Aegis.Tools.Files;

namespace Aegis.Tools.Deploy.Stacks;

/// <summary>One call of a stack's tool under its lock: the state as it stands, and as it becomes.</summary>
internal sealed class StackCall(
    StackProgram program, StackInput input, Execution execution, CancellationToken cancel)
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
        order = new StackOrder(input.Action, folder, input.Name, input.Destroy, input.Program,
            await EnvironmentAsync(), await VariablesAsync(), state, plan,
            TimeSpan.FromMinutes(input.Minutes));
        var run = await StackScript.RunAsync(program, order, execution,
            bytes => KeepAsync(bytes, "while it was applied"), cancel);
        // a plan refreshes what it reads of the state, and saves nothing of that
        if (run.Frames.TryGetValue("state", out var after) && input.Action is not StackInput.PlanAction
            && after.Length <= StackLimits.StateBytesMax)
        {
            await KeepAsync(after, run.Result.Ok ? input.Action : $"{input.Action}, which failed");
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

    private async Task<ImmutableSortedDictionary<string, string>> EnvironmentAsync()
    {
        var env = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (name, secret) in input.Secrets ?? Empty)
        {
            env[name] = StackScript.Quoted(await SecretAsync(secret));
        }
        foreach (var (name, secret) in input.Placeholders ?? Empty)
        {
            // by this variable the sandbox has the placeholder, where the secret is bound to a host in reach
            env[name] = $"\"${{{CommandSecrets.VariableOf(secret)}:-}}\"";
        }
        foreach (var (name, value) in await AllVariablesAsync())
        {
            if (program.Variable(name) is { } variable)
            {
                env[variable] = StackScript.Quoted(value);
            }
        }
        return env.ToImmutable();
    }

    private async Task<ImmutableSortedDictionary<string, string>> VariablesAsync() =>
        program.Variable("") is null ? await AllVariablesAsync() : Empty;

    private async Task<ImmutableSortedDictionary<string, string>> AllVariablesAsync()
    {
        var all = (input.Vars ?? Empty).ToBuilder();
        foreach (var (name, secret) in input.SecretVars ?? Empty)
        {
            all[name] = await SecretAsync(secret);
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
