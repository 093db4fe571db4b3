using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Aegis.Ledger.Tests.Embedded;

/// <summary>A child process that owns a ledger, to be killed.</summary>
internal sealed class LedgerOwner : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Process _process;

    private LedgerOwner(Process process) => _process = process;

    public int Postmaster { get; private set; }

    /// <summary>Starts the host; <paramref name="wrapper"/> is what runs it (a namespace, a shell).</summary>
    public static LedgerOwner Start(string home, string? bin = null, params string[] wrapper)
    {
        var host = Path.Combine(AppContext.BaseDirectory, "Aegis.LedgerHost.dll");
        string[] line = [.. wrapper, Environment.ProcessPath ?? "dotnet", host, home,
            .. bin is null ? [] : (string[])[bin]];
        if (!line[wrapper.Length].EndsWith("dotnet", StringComparison.Ordinal))
        {
            line[wrapper.Length] = "dotnet";
        }
        return new LedgerOwner(Process.Start(new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!);
    }

    public static async Task<LedgerOwner> StartReadyAsync(string home)
    {
        var owner = Start(home);
        var line = (await owner.LineAsync())!.Split(' ');
        Assert.Equal("ready", line[0]);
        owner.Postmaster = int.Parse(line[1], CultureInfo.InvariantCulture);
        return owner;
    }

    public Task<string?> LineAsync() => _process.StandardOutput.ReadLineAsync().WaitAsync(Patience);

    public async Task KillAsync()
    {
        Signal(_process.Id, 9);
        await _process.WaitForExitAsync().WaitAsync(Patience);
    }

    public async Task StopAsync()
    {
        _process.StandardInput.Close();
        Assert.Equal("stopped", await LineAsync());
        await _process.WaitForExitAsync().WaitAsync(Patience);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }
        _process.Dispose();
    }

    public static void Signal(int pid, int signal) => Assert.Equal(0, Send(pid, signal));

    /// <summary>The parent of a process: of a postmaster, the shell that holds it.</summary>
    public static int ParentOf(int pid) => int.Parse(File.ReadAllText($"/proc/{pid}/stat").Split(' ')[3],
        CultureInfo.InvariantCulture);

    public static bool IsAlive(int pid) => Directory.Exists($"/proc/{pid}")
        && !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ");

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Send(int pid, int signal);
}
