using System.Collections.Immutable;
using Aegis.Core.Discovery;
using Aegis.Discovery.Programs;
using Aegis.Discovery.Servers;
using Aegis.Processes;

namespace Aegis.Discovery;

/// <summary>What of use is on this machine.</summary>
public sealed record MachineFindings(
    ProgramsOfMachine Programs, ImmutableArray<FoundModelServer> Servers, TimeSpan Took);

/// <summary>Looks at this machine: programs on PATH and servers of models on loopback, both at once. Who asks
/// while it looks, or shortly after, gets the same findings: a door that starts dozens of programs must not
/// do so for each caller.</summary>
/// <param name="kept">How long findings are given again.</param>
public sealed class MachineSurvey(
    ProcessLauncher launcher, TimeProvider time, string path,
    ImmutableArray<(KnownModelServer Server, int Port)> ports, TimeSpan kept) : IDisposable
{
    private readonly SemaphoreSlim one = new(1);
    private readonly ModelServerSurvey servers = new(time);
    private MachineFindings? last;
    private long lastAt;

    public async Task<MachineFindings> LookAsync(CancellationToken cancel)
    {
        await one.WaitAsync(cancel);
        try
        {
            if (last is null || time.GetElapsedTime(lastAt) >= kept)
            {
                last = await LookNowAsync(cancel);
                lastAt = time.GetTimestamp();
            }
            return last;
        }
        finally
        {
            one.Release();
        }
    }

    public void Dispose()
    {
        servers.Dispose();
        one.Dispose();
    }

    private async Task<MachineFindings> LookNowAsync(CancellationToken cancel)
    {
        var since = time.GetTimestamp();
        var listening = servers.LookAsync(ports, cancel);
        var programs = await new ProgramSurvey(launcher, time)
            .LookAsync(ProgramCatalogue.BuiltIn, path, cancel);
        return new(programs, await listening, time.GetElapsedTime(since));
    }
}
