using System.Diagnostics;
using System.Text.Json;

namespace Aegis.Durability.Product;

/// <param name="Assembly">Aegis.Server.dll of the build that is judged.</param>
/// <param name="MasterKeyFile">Of a second server of one ledger: the first one's key of secrets.</param>
internal sealed record ServerSpec(string Assembly, string Home, string Postgres, string SharedFolder,
    string? MasterKeyFile);

/// <summary>The product's server as a child process: started, killed, started again over the same
/// home.</summary>
internal sealed class ServerProcess(ServerSpec spec) : IAsyncDisposable
{
    public static readonly TimeSpan StartWithin = TimeSpan.FromSeconds(120);
    public static readonly TimeSpan EndWithin = TimeSpan.FromSeconds(40);
    private readonly StreamWriter log =
        new(Path.Combine(Directory.CreateDirectory(spec.Home).Parent!.FullName,
        Path.GetFileName(spec.Home) + ".log"), append: true) { AutoFlush = true };

    private readonly Lock writing = new();
    private Process? process;

    public ServerSpec Spec => spec;

    public Uri Url { get; private set; } = null!;

    public int Pid => process!.Id;

    public bool Runs => process is { HasExited: false };

    public int? ExitCode => process is { HasExited: true } ended ? ended.ExitCode : null;

    /// <summary>Starts it, and returns when it says that it is ready.</summary>
    public async Task StartAsync()
    {
        process?.Dispose();
        var started = Launch();
        process = started;
        var ready = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var last = new Queue<string>();
        started.OutputDataReceived += (_, _) => { };
        started.ErrorDataReceived += (_, line) => Take(line.Data, ready, last);
        started.BeginErrorReadLine();
        started.BeginOutputReadLine();
        Url = await ready.Task.WaitAsync(StartWithin);
    }

    /// <summary>SIGKILL. What descended from it at that moment is told, so that orphans can be
    /// found.</summary>
    public IReadOnlyList<ProcessName> Kill()
    {
        // stopped first, so that nothing is started between the look and the kill
        Signal(Posix.Stop);
        var family = ProcessTable.DescendantsOf(Pid);
        Signal(Posix.Kill);
        Expect(process!.WaitForExit(EndWithin), "killed");
        return family;
    }

    public void Signal(int signal)
    {
        if (process is { HasExited: false })
        {
            Posix.Signal(Pid, signal);
        }
    }

    /// <summary>Waits for an end that was asked for, or that it owes.</summary>
    public async Task<int> EndAsync()
    {
        await process!.WaitForExitAsync().WaitAsync(EndWithin);
        return process.ExitCode;
    }

    public async Task<int> StopAsync()
    {
        Signal(Posix.Terminate);
        return await EndAsync();
    }

    public (string Key, string Tenant, string Project) AdminKey()
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(spec.Home, "admin-key.json")));
        string Text(string name) => json.RootElement.EnumerateObject()
            .First(p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value.GetString()!;
        return (Text("key"), Text("tenant"), Text("project"));
    }

    public async ValueTask DisposeAsync()
    {
        if (Runs)
        {
            Signal(Posix.Continue);
            await StopAsync();
        }
        process?.Dispose();
        await log.DisposeAsync();
    }

    private Process Launch()
    {
        var info = new ProcessStartInfo(Environment.ProcessPath!, [spec.Assembly])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        };
        // the harness may itself have been started by `dotnet Aegis.Durability.dll`, or by its own host
        if (!Path.GetFileName(info.FileName).Equals("dotnet", StringComparison.Ordinal))
        {
            info.FileName = "dotnet";
        }
        info.Environment["AEGIS_HOME"] = spec.Home;
        info.Environment["AEGIS_PORT"] = "0";
        info.Environment["AEGIS_POSTGRES"] = spec.Postgres;
        info.Environment["AEGIS_NPM_CACHE"] = spec.SharedFolder;
        info.Environment["AEGIS_LOG_LEVEL"] = "info";
        if (spec.MasterKeyFile is { } key)
        {
            info.Environment["AEGIS_MASTER_KEY_FILE"] = key;
        }
        // each life is a few seconds long: profiling for later costs only
        info.Environment["DOTNET_TieredPGO"] = "0";
        return Process.Start(info)!;
    }

    private void Take(string? line, TaskCompletionSource<Uri> ready, Queue<string> last)
    {
        if (line is null)
        {
            ready.TrySetException(new IOException("the server ended: " + string.Join(" | ", last)));
            return;
        }
        lock (writing)
        {
            log.WriteLine(line);
        }
        last.Enqueue(line);
        if (last.Count > 4)
        {
            last.Dequeue();
        }
        if (line.StartsWith('{') && line.Contains("\"EventId\":6001", StringComparison.Ordinal))
        {
            using var json = JsonDocument.Parse(line);
            ready.TrySetResult(new Uri(
                json.RootElement.GetProperty("State").GetProperty(nameof(Url)).ToString()));
        }
    }

    private static void Expect(bool ended, string how)
    {
        if (!ended)
        {
            throw new IOException($"a {how} server did not end within {EndWithin}");
        }
    }
}
