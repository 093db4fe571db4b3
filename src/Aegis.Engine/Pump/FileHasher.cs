using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.Runs;
using Aegis.Core.Runs.Commands;
using Aegis.Core.Runs.Retries;
using Aegis.Files;
using Aegis.Sandbox;

namespace Aegis.Engine.Pump;

/// <summary>Answers <c>hashFiles()</c> over the sealed layers that a task sees. A few at a time: it reads
/// whole trees, and holds no slot.</summary>
public sealed class FileHasher(Workspaces? workspaces, TimeProvider time)
{
    private const int AtOnceMax = 2;
    private readonly SemaphoreSlim room = new(AtOnceMax);

    public void Begin(RunPump pump, RunEffect.HashFiles effect) => _ = Task.Run(async () =>
    {
        var (hashes, error) = await HashAsync(pump.Committed, effect.Index, null, effect.Patterns);
        pump.Post(new HashesMade(time.GetUtcNow(), effect.Index, hashes, error));
    });

    /// <summary>What the outputs of a task that succeeded ask for, over what it saw and what it
    /// left.</summary>
    public async Task<(ImmutableArray<FileHashFact> Hashes, AegisError? Error)> OfOutputsAsync(
        RunState run, int index, string? layer, string? output, System.Text.Json.JsonElement? outputs)
    {
        ImmutableArray<FileHashFact> known = [];
        while (TaskHashes.OfOutputs(run, index, output, outputs, known) is { IsEmpty: false } patterns)
        {
            var (hashes, error) = await HashAsync(run, index, layer, patterns);
            if (error is not null)
            {
                return ([], error);
            }
            known = [.. known, .. hashes];
        }
        return (known, null);
    }

    private async Task<(ImmutableArray<FileHashFact> Hashes, AegisError? Error)> HashAsync(RunState run,
        int index, string? layer, ImmutableArray<ImmutableArray<string>> patterns)
    {
        if (workspaces is null)
        {
            return ([], new AegisError("AEGIS1086", "this node has no workspaces to hash files of"));
        }
        await room.WaitAsync();
        try
        {
            ImmutableArray<string> layers = [.. run.Graph.FilesOf(index)
                .SelectMany(i => RetryPlan.LayersOf(run.Tasks[i])), .. layer is null ? [] : new[] { layer }];
            return await workspaces.ViewAsync(run.Start.RunId, layers, folder => Hash(
                new WorkspaceFileHashes(folder, new FileHashLimits(), default, "/work"), patterns));
        }
        catch (AegisException e)
        {
            return ([], e.Error);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ([], new AegisError(
                "AEGIS1099", $"hashFiles() cannot read the workspace: {e.GetType().Name}"));
        }
        finally
        {
            room.Release();
        }
    }

    private static (ImmutableArray<FileHashFact>, AegisError?) Hash(
        WorkspaceFileHashes files, ImmutableArray<ImmutableArray<string>> patterns)
    {
        var made = ImmutableArray.CreateBuilder<FileHashFact>();
        foreach (var list in patterns)
        {
            var answer = files.HashOf(list);
            if (answer.Error is { } error)
            {
                return ([], error);
            }
            made.Add(new FileHashFact(list, answer.Hash!));
        }
        return (made.ToImmutable(), null);
    }
}
