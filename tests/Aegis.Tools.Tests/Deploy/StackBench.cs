using System.Collections.Concurrent;
using System.Text.Json;
using Aegis.Blobs;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Gate.Stacks;
using Aegis.Ledger.Secrets;
using Aegis.Ledger.Stacks;
using Aegis.Sandbox;
using Aegis.Tests.Shared;
using Aegis.Tools.Deploy.Stacks;
using Aegis.Tools.Shell;
using Aegis.Tools.Tests.Support;

namespace Aegis.Tools.Tests.Deploy;

/// <summary>Stacks on a real ledger, vault and sandbox. The programs that follow the documented command lines
/// come first on the path there; the real ones behind them.</summary>
public sealed class StackBench : IAsyncDisposable
{
    public const string Canary = "canary-3f1c77";

    private readonly LedgerFixture ledger;
    private readonly Dictionary<string, string> layers = [];
    private AttemptGate gate = null!;

    private StackBench(LedgerFixture ledger) => this.ledger = ledger;

    public LedgerFixture Ledger => ledger;

    public ConcurrentDictionary<string, string> Kept { get; } = new();

    public string Root => gate.Root;

    /// <summary>Interrupts calls.</summary>
    public void CancelBy(CancellationToken cancel) => gate.Cancel = cancel;

    /// <param name="gates">Where programs are held up.</param>
    public static async Task<StackBench> OpenAsync(
        LedgerFixture ledger, Tenancy tenancy, StackGates? gates = null)
    {
        await ledger.CreateProjectAsync(tenancy);
        var bench = new StackBench(ledger) { Tenancy = tenancy };
        bench.Secrets = await SecretVault.OpenAsync(
            ledger.Database, new MasterKeySource(ledger.Home), CancellationToken.None);
        bench.Vault = new StackVault(
            ledger.Database, bench.Secrets,
            new BlobStore(Path.Combine(ledger.Home, Path.GetRandomFileName())));
        bench.gate = await AttemptGate.OpenAsync(parts => parts with
        {
            Stacks = new StackDesk(bench.Vault, ledger.Tenants),
            Secret = (ask, _) => ValueTask.FromResult<string?>(ask.Name == "canary" ? Canary : null),
            KeepSecret = (_, name, value, _) =>
            {
                bench.Kept[name] = value;
                return ValueTask.CompletedTask;
            },
            Options = parts.Options with
            {
                Mounts =
                [
                    new ReadOnlyMount(StackGates.Programs, "/opt/programs"),
                    .. gates is null ? (ReadOnlyMount[])[]
                        : [new ReadOnlyMount(gates.Folder, StackTool.ProgramsFolder)],
                ],
            },
        }, new SandboxOptions { InsidePath = "/opt/programs:" + new SandboxOptions().InsidePath });
        return bench;
    }

    public required Tenancy Tenancy { get; init; }

    public StackVault Vault { get; private set; } = null!;

    public SecretVault Secrets { get; private set; } = null!;

    /// <summary>A step that stands on all steps before it.</summary>
    public async Task<ToolResult> StepAsync(string step, params (Tool Tool, object Input)[] calls)
    {
        var context = Contexts.Of("run_1", step, tenancy: Tenancy);
        var (layer, results) = await gate.AttemptAsync(context, [.. layers.Values], calls);
        if (layer is not null)
        {
            layers[step] = layer;
        }
        return results[^1];
    }

    /// <summary>A step that writes a file and one that uses the tool.</summary>
    public async Task<ToolResult> ActAsync(string step, Tool tool, object input, string? file = null,
        string? content = null)
    {
        if (file is not null)
        {
            var written = await StepAsync($"{step}-write", (new Aegis.Tools.Files.FileWrite(),
                new { path = file, content }));
            Assert.True(written.Ok, written.Error?.ToString());
        }
        try
        {
            return await StepAsync(step, (tool, input));
        }
        catch (AegisException e)
        {
            return ToolResult.Fail(e.Error);
        }
    }

    public async Task<JsonElement> DoneAsync(string step, Tool tool, object input, string? file = null,
        string? content = null)
    {
        var result = await ActAsync(step, tool, input, file, content);
        Assert.True(result.Ok, $"{result.Error}\n{result.Text}");
        return result.Outputs!.Value;
    }

    public Task<ProbeResult> ProbeAsync(string step, Tool tool, object input) =>
        gate.ProbeAsync(Contexts.Of("run_1", step, tenancy: Tenancy), tool, input, [.. layers.Values]);

    /// <summary>Where the canary stands as it is: in files of the workspace, of this host and of the
    /// ledger.</summary>
    public async Task<List<string>> CanariesAsync()
    {
        var found = new List<string>();
        var inside = await StepAsync("look", (new ShellExec(),
            new { cmd = $"bash -c 'grep -rlF {Canary} /work || true'" }));
        found.AddRange(inside.Text!.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        foreach (var file in new[] { "logs", "scratch" }.Select(f => Path.Combine(Root, f))
            .Append(ledger.Home)
            .SelectMany(f => Directory.EnumerateFiles(f, "*", SearchOption.AllDirectories))
            .Where(f => Path.GetFileName(f) != "server.lock"))
        {
            if ((await File.ReadAllBytesAsync(file)).AsSpan().IndexOf("canary-3f1c77"u8) >= 0)
            {
                found.Add(file);
            }
        }
        return found;
    }

    public ValueTask DisposeAsync() => gate.DisposeAsync();
}
